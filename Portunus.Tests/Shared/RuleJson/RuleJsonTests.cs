using System.Reflection;
using System.Text;
using System.Text.Json;
using Portunus.Shared.RuleJson;
using Portunus.Shared.Rules;
using Portunus.Tests.Shared.Rules;

namespace Portunus.Tests.Shared.RuleJson;

public sealed class RuleJsonTests
{
    /// <summary>Every field with a value that is not its default.</summary>
    internal static RuleSpec Full { get; } = new()
    {
        Name = "all \u00e9 \"of\" it",
        Protocol = "tcp",
        ListenAddress = "203.0.113.7",
        ListenPort = 8443,
        Targets =
        [
            new TargetSpec { Host = "one.example.org", Port = 443, Priority = 3, Weight = 7, ProxyProtocol = "v2" },
            new TargetSpec { Host = "2001:db8::1", Port = 444 },
        ],
        Balance = "least_flows",
        PreferIpv6 = true,
        Sni = ["*.example.org", "example.net"],
        SniFallback = true,
        Allow = ["198.51.100.0/24", "2001:db8::/32"],
        Deny = ["198.51.100.66"],
        HealthCheck = new HealthCheckSpec { IntervalSeconds = 5, TimeoutMs = 900, Rise = 4, Fall = 5, Probe = "connect", Send = "00ff", Expect = "01" },
        Limits = new LimitSpec
        {
            BytesPerSecondIn = 1_000_000,
            BytesPerSecondOut = 2_000_000,
            BurstBytesIn = 100_000,
            BurstBytesOut = 200_000,
            NewFlowsPerSecond = 100,
            NewFlowsBurst = 200,
            ConcurrentFlows = 1000,
        },
        UdpIdleSeconds = 61,
        UdpMaxFlows = 4097,
        ConnectTimeoutMs = 3001,
        IdleSeconds = 1,
        AcceptProxyProtocol = true,
        ProxyProtocolFrom = ["192.0.2.0/24"],
        Enabled = false,
        ExpiresAt = new DateTimeOffset(2031, 2, 3, 4, 5, 6, 789, TimeSpan.Zero),
        Note = "line one\nline two",
    };

    /// <summary>All but the entry that is nothing, which JSON says as a wrong type.</summary>
    public static TheoryData<int> Cases => [.. Enumerable.Range(0, ProblemCases.All.Count).Where(index => ProblemCases.All[index].Code != "target_empty")];

    [Fact]
    public void EveryField_ComesBackAsItWasWritten()
    {
        Assert.All(Unset(Full), name => Assert.True(name is nameof(RuleSpec.ListenPorts) or nameof(RuleSpec.Target), $"{name} is not set in the full rule"));
        AssertComesBack(Full);
        AssertComesBack(ProblemCases.Sound);
        AssertComesBack(new RuleSpec { ListenPorts = "1000-1009", Target = "[2001:db8::2]:2000-2009", Protocol = "udp" });
    }

    [Fact]
    public void FieldNames_AreThoseOfTheSpecs()
    {
        Assert.Equal(Names<RuleSpec>(), RuleJsonFields.Rule.Order());
        Assert.Equal(Names<TargetSpec>(), RuleJsonFields.Target.Order());
        Assert.Equal(Names<LimitSpec>(), RuleJsonFields.Limits.Order());
        Assert.Equal(Names<HealthCheckSpec>(), RuleJsonFields.HealthCheck.Order());
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void ProblemsOfTheCheck_AreToldOfJsonAsWell(int index)
    {
        var wanted = ProblemCases.All[index];

        var problem = Assert.Single(RuleJsonReader.Read(RuleJsonWriter.ToUtf8(wanted.Spec)).Problems);

        Assert.Equal((wanted.Code, wanted.Field), (problem.Code, problem.Field));
    }

    [Theory]
    [InlineData("""{"listen_prot":80,"target":"a.example:1"}""", "unknown_field listen_prot")]
    [InlineData("""{"listen_port":"80","target":"a.example:1"}""", "wrong_type listen_port")]
    [InlineData("""{"listen_port":80.5,"target":"a.example:1"}""", "wrong_type listen_port")]
    [InlineData("""{"listen_port":1e400,"target":"a.example:1"}""", "wrong_type listen_port")]
    [InlineData("""{"listen_port":80,"targets":"a.example:1"}""", "wrong_type targets")]
    [InlineData("""{"listen_port":80,"targets":[null]}""", "wrong_type targets[0]")]
    [InlineData("""{"listen_port":80,"targets":[{"host":1,"port":2}]}""", "wrong_type targets[0].host")]
    [InlineData("""{"listen_port":80,"target":"a.example:1","allow":["10.0.0.0/8",7]}""", "wrong_type allow[1]")]
    [InlineData("""{"listen_port":80,"target":"a.example:1","sni":false}""", "wrong_type sni")]
    [InlineData("""{"listen_port":80,"target":"a.example:1","enabled":"yes"}""", "wrong_type enabled")]
    [InlineData("""{"listen_port":80,"target":"a.example:1","limits":{"burst_bytes_in":5,"bytes_per_second_in":"5"}}""", "wrong_type limits.bytes_per_second_in")]
    [InlineData("""{"listen_port":80,"target":"a.example:1","expires_at":"2027-01-01T00:00:00"}""", "instant_malformed expires_at")]
    [InlineData("""{"listen_port":80,"target":"a.example:1","expires_at":"2027-02-30T00:00:00Z"}""", "instant_malformed expires_at")]
    [InlineData("""{"listen_port":80,"listen_port":81,"target":"a.example:1"}""", "duplicate_field listen_port")]
    [InlineData("""{"protocol":6,"listen_port":80,"target":"a.example:1","sni":["a.example"]}""", "wrong_type protocol")]
    [InlineData("[]", "wrong_type ")]
    [InlineData("{", "malformed_body ")]
    public void OneFaultOfTheText_IsOneProblem(string text, string wanted)
    {
        var result = RuleJsonReader.Read(Encoding.UTF8.GetBytes(text));

        Assert.Equal(wanted, string.Join(", ", result.Problems.Select(problem => $"{problem.Code} {problem.Field}")));
        Assert.Null(result.Spec);
    }

    [Fact]
    public void EveryProblem_IsToldAtOnce()
    {
        var result = RuleJsonReader.Read("""
            {"protocol":"sctp","listen_port":0,"targets":[{"host":"-","port":1,"wieght":2}],"limits":{"concurrent_flows":0},"nmae":"a","deny":["10.0.0.1/8"],"note":5}
            """u8.ToArray());

        Assert.Equal(
            ["unknown_field nmae", "unknown_field targets[0].wieght", "wrong_type note", "protocol_unknown protocol", "out_of_range listen_port", "host_label_hyphen targets[0].host", "limit_zero limits.concurrent_flows", "prefix_malformed deny[0]"],
            result.Problems.Select(problem => $"{problem.Code} {problem.Field}").OrderBy(Rank));
        Assert.Contains(result.Problems, problem => problem.Text == "nmae is not a known field; did you mean name?");
        Assert.Contains(result.Problems, problem => problem.Text == "targets[0].wieght is not a known field; did you mean weight?");

        static int Rank(string told) => Array.FindIndex(["unknown_", "wrong_", "protocol_", "out_", "host_", "limit_", "prefix_"], start => told.StartsWith(start, StringComparison.Ordinal));
    }

    [Fact]
    public void NullAndAbsent_AreTheSame()
    {
        var nulls = "{" + string.Join(',', RuleJsonFields.Rule.Where(name => name is not ("listen_port" or "target")).Select(name => $"\"{name}\":null")) + ",\"listen_port\":80,\"target\":\"a.example:1\"}";

        var spec = RuleJsonReader.Read(Encoding.UTF8.GetBytes(nulls)).Spec;

        Assert.Equal(new RuleSpec { ListenPort = 80, Target = "a.example:1" }, spec);
    }

    [Fact]
    public void Instants_AreKeptInUtc()
    {
        var spec = RuleJsonReader.Read("""{"listen_port":80,"target":"a.example:1","expires_at":"2027-01-01T02:00:00+02:00","sni":"a.example"}"""u8.ToArray()).Spec;

        Assert.Equal(TimeSpan.Zero, spec?.ExpiresAt?.Offset);
        Assert.Contains("\"expires_at\":\"2027-01-01T00:00:00Z\"", Encoding.UTF8.GetString(RuleJsonWriter.ToUtf8(spec!)), StringComparison.Ordinal);
        Assert.Equal(["a.example"], spec?.Sni);
    }

    private static void AssertComesBack(RuleSpec spec)
    {
        var first = RuleJsonWriter.ToUtf8(spec);
        var result = RuleJsonReader.Read(first);

        Assert.DoesNotContain(result.Problems, problem => problem.Code is "wrong_type" or "unknown_field");
        using var document = JsonDocument.Parse(first);
        var again = RuleJsonReader.ReadSpec(new(document.RootElement, RuleJsonFields.Rule, new()));
        Assert.Equal(JsonSerializer.Serialize(spec), JsonSerializer.Serialize(again));
    }

    private static IEnumerable<string> Unset(object table) => table.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.GetValue(table) is null).Select(property => property.Name);

    private static IOrderedEnumerable<string> Names<T>() => typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Select(property => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name)).Order();
}

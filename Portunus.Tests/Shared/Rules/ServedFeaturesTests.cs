using Portunus.Shared.Rules;

namespace Portunus.Tests.Shared.Rules;

/// <summary>What is not served is refused by name.</summary>
public sealed class ServedFeaturesTests
{
    private static readonly Dictionary<string, RuleSpec> s_refused = new()
    {
        ["sni"] = ProblemCases.Sound with { Sni = ["a.example"] },
        ["sni_fallback"] = ProblemCases.Sound with { SniFallback = true },
        ["accept_proxy_protocol"] = ProblemCases.Sound with { AcceptProxyProtocol = true, ProxyProtocolFrom = ["10.0.0.0/8"] },
    };

    public static TheoryData<string> Fields() => [.. s_refused.Keys];

    /// <summary>For the page that tells people.</summary>
    internal static IEnumerable<string> Unserved => s_refused.Keys;

    [Theory]
    [MemberData(nameof(Fields))]
    public void UnservedField_IsRefusedByName(string field)
    {
        var problem = Assert.Single(ServedFeatures.Check(RuleCheckTests.Sound(s_refused[field])));
        Assert.Equal(("not_supported_yet", field), (problem.Code, problem.Field));
        Assert.EndsWith("not supported by this version.", problem.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void SeveralUnservedFields_AreAllTold()
    {
        var rule = RuleCheckTests.Sound(s_refused["sni"] with { SniFallback = true });
        Assert.Equal(["sni", "sni_fallback"], ServedFeatures.Check(rule).Select(problem => problem.Field));
    }

    [Fact]
    public void TcpRuleWithTheRest_IsServed()
    {
        var rule = RuleCheckTests.Sound(ProblemCases.Sound with
        {
            Target = null, Targets = [ProblemCases.SoundTarget with { ProxyProtocol = "v2", Weight = 5 }, ProblemCases.SoundTarget with { Host = "b.example", Priority = 1 }],
            Balance = "least_flows", PreferIpv6 = true, Allow = ["10.0.0.0/8"], Deny = ["10.1.0.0/16"], Limits = new() { BytesPerSecondIn = 5 },
            HealthCheck = new() { IntervalSeconds = 5 }, IdleSeconds = 5, ConnectTimeoutMs = 500, ExpiresAt = DateTimeOffset.MaxValue, ListenAddress = "::",
        });
        Assert.Empty(ServedFeatures.Check(rule));
    }
}

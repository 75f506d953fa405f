using Portunus.Edge.Targets;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>Active health checks of running rules.</summary>
public sealed class HealthCheckTests
{
    private static readonly HealthCheckSpec s_raw = new() { IntervalSeconds = 1, TimeoutMs = 200, Rise = 1, Fall = 1, Probe = "raw", Send = "07" };

    [Fact]
    public async Task Udp_DeafTarget_IsLeftForTheNextAndTakenAgainWhenItAnswers()
    {
        var isDeaf = false;
        await using var first = new DatagramTarget(ask => Volatile.Read(ref isDeaf) ? [] : [[1]]);
        await using var second = new DatagramTarget(_ => [[2]]);
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("game", first.Port, second.Port) with { Protocol = "udp", HealthCheck = s_raw };
        await engine.PutAsync(rule);
        await Eventually.Equals("ok", () => SampleWords.Forwarding(engine.Sample("game")), "a probe is up, though nothing was forwarded");
        Assert.Equal(1, await AskAsync(rule));

        Volatile.Write(ref isDeaf, true);
        await Eventually.Equals(TargetStanding.Down, () => engine.Sample("game").Targets[0].Standing, "it answers no probe");
        Assert.Equal(2, await AskAsync(rule));
        Assert.True(engine.Sample("game").TargetChanges >= 1);

        Volatile.Write(ref isDeaf, false);
        await Eventually.Equals(TargetStanding.Up, () => engine.Sample("game").Targets[0].Standing, "it answers again");
        Assert.Equal(1, await AskAsync(rule));
        Assert.Equal(2, engine.Sample("game").TargetChanges);
    }

    [Fact]
    public async Task Tcp_AllTargetsGone_IsFailingWithoutAFlow()
    {
        await using var engine = new RunningEngine();
        var check = new HealthCheckSpec { IntervalSeconds = 1, Fall = 1 };
        await engine.PutAsync(RunningEngine.Rule("web", FreePorts.Take(), FreePorts.Take()) with { HealthCheck = check });
        await Eventually.Equals("failing", () => SampleWords.Forwarding(engine.Sample("web")), "nobody listens");
        Assert.Equal(0, engine.Sample("web").Accepted);
    }

    [Fact]
    public async Task NamedTarget_IsAskedAtWhatItsNameSays()
    {
        await using var names = new DnsServer();
        names.Put("game.test", "127.0.0.9", "127.0.0.1");
        using var folder = new TempFolder();
        await using var target = DatagramTarget.Echo();
        await using var engine = new RunningEngine(resolver: ResolverFor(folder, names));
        var rule = RunningEngine.Rule("named") with
        {
            Protocol = "udp", Targets = [new TargetSpec { Host = "game.test", Port = target.Port }, new TargetSpec { Host = "nowhere.test", Port = 9 }], HealthCheck = s_raw,
        };
        await engine.PutAsync(rule);
        await Eventually.Equals(TargetStanding.Up, () => engine.Sample("named").Targets[0].Standing, "one of its addresses answers");
        await Eventually.Equals(TargetStanding.Down, () => engine.Sample("named").Targets[1].Standing, "a name without an address");
    }

    [Fact]
    public async Task Range_IsAskedAtTheFirstPort()
    {
        await using var engine = new RunningEngine();
        var (first, listen) = (FreePorts.Take(3), FreePorts.Take(3));
        await using var target = DatagramTarget.Echo(port: first);
        await engine.PutAsync(new RuleSpec
        {
            Name = "range", Protocol = "udp", ListenAddress = "127.0.0.1", ListenPorts = $"{listen}-{listen + 2}",
            Target = $"127.0.0.1:{first}-{first + 2}", HealthCheck = s_raw,
        });
        await Eventually.Equals(TargetStanding.Up, () => engine.Sample("range").Targets[0].Standing, "its first port answers");
    }

    [Fact]
    public async Task ProxyHeader_ProbeHasOneWithoutAddresses()
    {
        await using var target = new DatagramTarget();
        await using var engine = new RunningEngine();
        await engine.PutAsync(RunningEngine.Rule("headed") with
        {
            Protocol = "udp", Targets = [new TargetSpec { Host = "127.0.0.1", Port = target.Port, ProxyProtocol = "v2" }], HealthCheck = s_raw,
        });
        Assert.Equal("0D0A0D0A000D0A515549540A20000000" + "07", Convert.ToHexString((await target.NextAsync()).Payload));
    }

    [Fact]
    public async Task RuleRemovedOrChanged_ItsProbesAreNoMore()
    {
        await using var gone = new DatagramTarget(_ => []);
        await using var stays = new DatagramTarget(_ => [[1]]);
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("brief", gone.Port) with { Protocol = "udp", HealthCheck = s_raw };
        var other = RunningEngine.Rule("other", stays.Port) with { Protocol = "udp", HealthCheck = s_raw };
        await engine.PutAsync(rule);
        await engine.PutAsync(other);
        await Eventually.Holds(() => gone.Count > 0 && engine.Sample("brief").Targets[0].Standing == TargetStanding.Down, "it is asked and found deaf");

        await engine.PutAsync(rule with { HealthCheck = null });
        var asked = gone.Count;
        await AsksOnAsync(stays, 2);
        Assert.Equal(asked, gone.Count);

        await engine.PutAsync(rule);
        await Eventually.Holds(() => gone.Count > asked, "it is asked again");
        await engine.RemoveAsync("brief");
        asked = gone.Count;
        await AsksOnAsync(stays, 2);
        Assert.Equal(asked, gone.Count);
    }

    private static Task AsksOnAsync(DatagramTarget target, int times)
    {
        var before = target.Count;
        return Eventually.Holds(() => target.Count >= before + times, "the other rule's probes go on");
    }

    private static async Task<int> AskAsync(RuleSpec rule)
    {
        using var peer = new DatagramPeer((int)(rule.ListenPort ?? 0));
        return (await peer.AskAsync(9))[0];
    }

    private static ResolverOptions ResolverFor(TempFolder folder, DnsServer names) => new()
    {
        ResolvConfPath = folder.File("resolv.conf"), HostsPath = folder.File("hosts"), NameServers = [names.Address],
    };
}

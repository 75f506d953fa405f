using Portunus.Soaks.Runs;
using Portunus.Soaks.Verdicts;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>A short version of each long run of tools/soak, with bounded traffic. A failure prints the seed that repeats it.</summary>
public sealed class SoakTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(4);

    [Fact]
    public Task Reload_OtherRulesChange_NoByteOfUntouchedRulesIsLost() =>
        RunAsync(ReloadSoak.RunAsync, new SoakOptions(EdgeProcess.Program, Seed(), Seconds: 10, Scale: 0.06, BytesPerSecond: 20_000_000));

    [Fact]
    public Task Connections_EveryKindOfEnd_AreCountedOnceAndLeaveNothing() =>
        RunAsync(ConnectionsSoak.RunAsync, new SoakOptions(EdgeProcess.Program, Seed(), Seconds: 10, Scale: 0.03));

    [Fact]
    public Task Bulk_HalfAGibibyte_IsIntactWithoutAGarbageCollection() =>
        RunAsync(BulkSoak.RunAsync, new SoakOptions(EdgeProcess.Program, Seed(), Seconds: 10, Scale: 0.05));

    [Fact]
    public Task Capped_CapsChangeUnderLiveFlows_ArePaidInTokens() =>
        RunAsync(CappedSoak.RunAsync, new SoakOptions(EdgeProcess.Program, Seed(), Seconds: 10, Scale: 0.1, BytesPerSecond: 4_000_000));

    [Fact]
    public Task Chaos_TargetsComeAndGo_FlowsEndAndCountersAddUp() =>
        RunAsync(ChaosSoak.RunAsync, new SoakOptions(EdgeProcess.Program, Seed(), Seconds: 8, Scale: 0.1));

    [ProgramFact("dnsmasq", "dig", "iperf3")]
    public Task Udp_DnsIperfAndAGame_LoseNothingUncountedAndExpire() =>
        RunAsync(UdpSoak.RunAsync, new SoakOptions(EdgeProcess.Program, Seed(), Seconds: 12, Scale: 0.01));

    private static ulong Seed() => (ulong)Random.Shared.Next();

    private static async Task RunAsync(Func<SoakOptions, CancellationToken, Task<Verdict>> run, SoakOptions options)
    {
        using var patience = new CancellationTokenSource(s_patience);
        var verdict = await run(options, patience.Token);
        Assert.True(verdict.IsOk, $"{verdict}\n  seed {options.Seed}");
    }
}

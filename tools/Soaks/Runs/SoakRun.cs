using Portunus.Soaks.Verdicts;

namespace Portunus.Soaks.Runs;

/// <summary>One of the runs, and how long it takes by default.</summary>
/// <param name="Name">For the command line.</param>
/// <param name="FullSeconds">By default.</param>
/// <param name="RunAsync">Runs it to its verdict.</param>
internal sealed record SoakRun(string Name, int FullSeconds, Func<SoakOptions, CancellationToken, Task<Verdict>> RunAsync)
{
    public static IReadOnlyList<SoakRun> All { get; } =
    [
        new(ReloadSoak.Name, 600, ReloadSoak.RunAsync),
        new(ConnectionsSoak.Name, 60, ConnectionsSoak.RunAsync),
        new(BulkSoak.Name, 20, BulkSoak.RunAsync),
        new(CappedSoak.Name, 120, CappedSoak.RunAsync),
        new(ChaosSoak.Name, 120, ChaosSoak.RunAsync),
        new(UdpSoak.Name, 3600, UdpSoak.RunAsync),
    ];
}

using Portunus.Soaks.Edges;
using Portunus.Soaks.Verdicts;

namespace Portunus.Soaks.Runs;

/// <summary>Whether a process has given back what it took.</summary>
internal static class Descriptors
{
    /// <summary>Each loop keeps at most 56 empty pipes of two ends to use again; everything above is a leak.</summary>
    private const int KeptPipeEndsPerLoop = 2 * 56;

    /// <summary>Everything but kept pipes is as it was before, or becomes so.</summary>
    public static async Task ExpectBackAsync(SoakedEdge edge, OpenFiles before, int loops, Findings findings, CancellationToken cut)
    {
        var now = edge.OpenFiles;
        await Wait.ExpectAsync(
            findings,
            () =>
            {
                now = edge.OpenFiles;
                return now.Others <= before.Others && now.Pipes <= before.Pipes + (loops * KeptPipeEndsPerLoop);
            },
            () => $"descriptors are back at {before}; now {now}",
            cut);
    }
}

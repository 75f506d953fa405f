using System.Diagnostics;

namespace Portunus.Edge.Loop;

/// <summary>
/// Monotonic time in ticks of 100 ns (<see cref="TimeSpan.TicksPerSecond"/>). A loop reads it once per wake and passes the
/// value on, so that code on the path never reads a clock of its own.
/// </summary>
internal static class LoopClock
{
    private static readonly double s_scale = (double)TimeSpan.TicksPerSecond / Stopwatch.Frequency;

    /// <summary>Now, in ticks of 100 ns since an arbitrary start; never goes back.</summary>
    public static long Now => (long)(Stopwatch.GetTimestamp() * s_scale);
}

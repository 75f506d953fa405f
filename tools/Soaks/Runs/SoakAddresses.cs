using System.Net;

namespace Portunus.Soaks.Runs;

/// <summary>
/// Loopback addresses of one run's own, so that runs beside each other never meet, and ports below those that the system
/// gives to outgoing connections.
/// </summary>
internal sealed class SoakAddresses
{
    /// <summary>First port of listeners and targets alike; up to 32767 none is given away by default.</summary>
    public const int FirstPort = 31100;

    private static int s_runs;

    private readonly int _high = 64 + (Environment.ProcessId % 128);
    private readonly int _low = ((Environment.ProcessId / 128 * 16) + Interlocked.Increment(ref s_runs)) % 250;

    /// <summary>127.x.y.<paramref name="last"/>.</summary>
    public IPAddress this[int last] => new([127, (byte)_high, (byte)_low, (byte)last]);
}

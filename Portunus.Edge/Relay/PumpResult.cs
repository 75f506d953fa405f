using Portunus.Edge.Native;

namespace Portunus.Edge.Relay;

/// <summary>What one call of a pump did.</summary>
/// <param name="Status">How it left the direction.</param>
/// <param name="Read">Bytes taken from the source.</param>
/// <param name="Delivered">Bytes the sink took; only these are counted.</param>
/// <param name="Error">With a broken status: why.</param>
internal readonly record struct PumpResult(PumpStatus Status, int Read = 0, int Delivered = 0, Errno Error = Errno.None);

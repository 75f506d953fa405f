using Portunus.Shared.Samples;

namespace Portunus.Edge.Metering;

/// <summary>
/// Bytes, flows and datagrams of one port or target on one loop. One writer, the loop, hence plain fields; a reader on another thread
/// may see them a moment late, and 64-bit loads do not tear on the machines we run on.
/// </summary>
internal sealed class FlowCounters
{
    public long BytesIn;
    public long BytesOut;
    public long FlowsOpened;
    public long FlowsActive;
    public long DatagramsIn;
    public long DatagramsOut;

    public TrafficCount Read() => new(
        Volatile.Read(ref BytesIn),
        Volatile.Read(ref BytesOut),
        Volatile.Read(ref FlowsOpened),
        Volatile.Read(ref FlowsActive),
        Volatile.Read(ref DatagramsIn),
        Volatile.Read(ref DatagramsOut));
}

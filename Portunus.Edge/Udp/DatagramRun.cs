using Portunus.Shared.Samples;

namespace Portunus.Edge.Udp;

/// <summary>One outgoing message: datagrams of one flow and one size, the last perhaps shorter.</summary>
internal struct DatagramRun
{
    public UdpFlow? Flow;

    /// <summary>Bytes of each datagram, a PROXY header included.</summary>
    public int Size;

    /// <summary>Bytes of all.</summary>
    public int Bytes;

    /// <summary>Bytes of all that came from the other side.</summary>
    public int PayloadBytes;

    public int Datagrams;

    public readonly void Sent(bool isIn)
    {
        Flow?.Sent(isIn, PayloadBytes, Datagrams);
        if (Bytes > PayloadBytes)
        {
            Flow?.WayIn.Introduced();
        }
    }

    public readonly void Dropped(bool isIn, DatagramDrop reason) => Flow?.Dropped(isIn, reason, Datagrams);
}

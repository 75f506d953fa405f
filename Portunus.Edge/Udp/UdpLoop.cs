using Portunus.Edge.Loop;

namespace Portunus.Edge.Udp;

/// <summary>What the UDP flows of one loop share: the loop, its buffers and batches, and flows to use again.</summary>
internal sealed class UdpLoop : IDisposable
{
    /// <summary>The most bytes of datagrams that wait for names on one loop.</summary>
    public const long MostWaitingBytes = 4 * 1024 * 1024;

    private const int KeptFlows = 1024;
    private const int KeptDials = 64;

    private readonly Stack<UdpFlow> _free = new();
    private readonly Stack<DatagramDial> _dials = new();
    private UdpInbox? _inbox;
    private UdpReplies? _replies;

    public UdpLoop(EventLoop loop) => Loop = loop;

    public EventLoop Loop { get; }

    /// <summary>Made at the first datagram.</summary>
    public UdpInbox Inbox => _inbox ??= new UdpInbox();

    /// <summary>Made at the first answer.</summary>
    public UdpReplies Replies => _replies ??= new UdpReplies(Loop);

    /// <summary>Bytes of datagrams that wait for a name, over all flows.</summary>
    public long WaitingBytes { get; set; }

    /// <summary>Sends the answers gathered so far.</summary>
    public void FlushReplies() => _replies?.Flush();

    public UdpFlow RentFlow() => _free.Count > 0 ? _free.Pop() : new UdpFlow(this);

    public void ReturnFlow(UdpFlow flow)
    {
        if (_free.Count < KeptFlows)
        {
            _free.Push(flow);
        }
    }

    public DatagramDial RentDial() => _dials.Count > 0 ? _dials.Pop() : new DatagramDial();

    public void ReturnDial(DatagramDial dial)
    {
        if (_dials.Count < KeptDials)
        {
            _dials.Push(dial);
        }
    }

    public void Dispose()
    {
        _inbox?.Dispose();
        _replies?.Dispose();
    }
}

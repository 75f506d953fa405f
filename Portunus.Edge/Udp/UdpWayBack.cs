using Portunus.Edge.Native;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Udp;

/// <summary>How one flow takes what its target sends, answers and errors. A value inside the flow, which an object of its own would make a tenth larger.</summary>
internal struct UdpWayBack
{
    // A target that sends this many answers at once is one whose answers are worth joining.
    private const int BusyAnswers = 8;
    private const int MostAnswers = 32;
    private const int MostErrors = 16;

    // Enough for a receive buffer full of the smallest datagrams.
    private const int MostLastTakes = 128;

    // 0 is one, as at the start.
    private int _want;
    private KernelDrops _drops;

    /// <summary>Whether the kernel may hand out several answers as one message.</summary>
    public bool IsJoined { readonly get; private set; }

    /// <summary>Takes what has come; true when the kernel said instead that the target is gone.</summary>
    public bool Take(UdpFlow flow, UdpReceiver receiver, long now, out int taken)
    {
        var want = Math.Max(_want, 1);
        var error = receiver.Home.Replies.Take(flow, receiver, want, now, out taken);
        if (taken == 0)
        {
            return error.IsUnreachable();
        }

        // Asking for more than there is costs a failed attempt, and for less another turn.
        _want = taken == want ? Math.Min(want * 4, MostAnswers) : taken;
        if (taken >= BusyAnswers && !IsJoined)
        {
            IsJoined = DatagramCalls.SetJoined(flow.UpstreamFd).IsOk;
        }

        return false;
    }

    /// <summary>What the target had sent before it went is delivered all the same; an error may stand before it.</summary>
    public static void TakeLast(UdpFlow flow, UdpReceiver receiver, long now)
    {
        var isLeft = true;
        for (var i = 0; isLeft && i < MostLastTakes; i++)
        {
            var error = receiver.Home.Replies.Take(flow, receiver, MostAnswers, now, out var taken);
            isLeft = taken > 0 || error.IsUnreachable() || error == Errno.EMSGSIZE;
        }
    }

    /// <summary>
    /// Takes what ICMP messages left on the socket; true when one says that the target is gone. That a datagram was too big is no end.
    /// </summary>
    public static bool TakeErrors(UdpFlow flow)
    {
        var isGone = SocketCalls.TakeError(flow.UpstreamFd).IsUnreachable();
        for (var i = 0; i < MostErrors; i++)
        {
            var error = DatagramCalls.TakeQueuedError(flow.UpstreamFd);
            if (error == Errno.None)
            {
                break;
            }

            isGone |= error.IsUnreachable();
        }

        return isGone;
    }

    /// <summary>Counts what the kernel dropped because answers came faster than they were taken.</summary>
    public void CountDrops(UdpFlow flow)
    {
        var drops = _drops.Next(flow.UpstreamFd);
        if (drops > 0)
        {
            flow.Dropped(isIn: false, DatagramDrop.ReceiveBufferFull, drops);
        }
    }
}

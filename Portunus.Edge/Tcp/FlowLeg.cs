using Portunus.Edge.Loop;
using Portunus.Edge.Native;

namespace Portunus.Edge.Tcp;

/// <summary>One side of a flow: its descriptor, what epoll watches it for, and what is known to be wrong with it.</summary>
internal sealed class FlowLeg : Pollable
{
    private readonly TcpFlow _flow;
    private uint _watched;
    private bool _hungUp;

    public FlowLeg(TcpFlow flow) => _flow = flow;

    public int Fd { get; private set; } = -1;

    /// <summary>Writing to it failed; what its peer had sent before may still be readable.</summary>
    public Errno Broken { get; set; }

    public void Open(int fd) => Fd = fd;

    /// <summary>
    /// Brings epoll's interest to <paramref name="events"/>. A leg whose source has <paramref name="ended"/> keeps its read interest until
    /// epoll reports it again, which makes it <paramref name="noisy"/>: most flows are over before that, which saves them a call. A leg
    /// that nobody waits for stays registered, because epoll reports errors and hang-ups whatever the interest and nothing else tells
    /// that its peer is gone. One that <paramref name="hungUp"/> is taken out then: the same report would wake the loop without end.
    /// </summary>
    public Errno Watch(EventLoop loop, uint events, bool ended, bool noisy, bool hungUp)
    {
        _hungUp |= hungUp;
        if (events == 0 && _hungUp)
        {
            loop.Unregister(Fd, this);
            return Errno.None;
        }

        if (Tag == 0)
        {
            _watched = events;
            return loop.Register(Fd, this, events).Error;
        }

        if (events == _watched || (ended && !noisy && (events | EpollCalls.Read) == _watched))
        {
            return Errno.None;
        }

        _watched = events;
        return loop.Change(Fd, this, events).Error;
    }

    /// <summary>Closes with FIN, or with RST where asked.</summary>
    public void Close(EventLoop loop, bool reset)
    {
        loop.Forget(this);
        _watched = 0;
        _hungUp = false;
        Broken = Errno.None;
        if (reset)
        {
            SocketCalls.Reset(Fd);
        }
        else
        {
            PipeCalls.Close(Fd);
        }

        Fd = -1;
    }

    public override void Ready(uint events, long now) => _flow.LegReady(this, events, now);

    public override void Fault(Exception error) => _flow.Fault(error);
}

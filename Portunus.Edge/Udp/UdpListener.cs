using System.Net;
using Microsoft.Extensions.Logging;
using Portunus.Edge.Loop;
using Portunus.Edge.Native;
using Portunus.Edge.Rules;

namespace Portunus.Edge.Udp;

/// <summary>
/// One UDP port: a socket on each loop it was made for. The kernel keeps a source on one of them, by a hash of both addresses, as
/// long as their number does not change, so it never does.
/// </summary>
internal sealed class UdpListener : RuleListener
{
    // Room for about 10 ms of 1,200-byte datagrams at 1 Gbit/s, which the kernel books at about 2.3 KiB each, and then some.
    private const int BufferBytes = 4 * 1024 * 1024;

    private readonly Action<RuleListener, Errno> _died;
    private UdpReceiver[] _receivers = [];
    private int _dead;

    private UdpListener(ListenKey key, ILogger log, Action<RuleListener, Errno> died)
        : base(key)
    {
        Log = log;
        _died = died;
    }

    public ILogger Log { get; }

    public override bool IsSpread => _receivers.Length > 1;

    // With a dead socket it cannot be handed on, and its flows get nothing more.
    public override bool HoldsFlows => Volatile.Read(ref _dead) == 0 && _receivers.Any(receiver => receiver.FlowCount > 0);

    /// <summary>
    /// Binds a port on each of <paramref name="loops"/>. The first socket is bound without SO_REUSEPORT, so that a port in use is told;
    /// with the flag set on it then, its siblings can join.
    /// </summary>
    public static Errno Bind(
        ListenKey key, IReadOnlyList<UdpLoop> loops, ILogger log, Action<RuleListener, Errno> died, out UdpListener? listener)
    {
        listener = new UdpListener(key, log, died);
        var error = key.Address is { } address
            ? listener.Bind(SockAddr.From(address, key.Port), dualStack: false, loops)
            : listener.Bind(SockAddr.From(IPAddress.IPv6Any, key.Port), dualStack: true, loops);
        if (key.Address is null && error is Errno.EAFNOSUPPORT or Errno.EADDRNOTAVAIL)
        {
            error = listener.Bind(SockAddr.From(IPAddress.Any, key.Port), dualStack: false, loops);
        }

        listener = error == Errno.None ? listener : null;
        return error;
    }

    public override async Task<Errno> OpenAsync(RuleState rule, int portOffset)
    {
        Rule = rule;
        foreach (var receiver in _receivers)
        {
            var loop = receiver.Home.Loop;
            var error = Errno.None;
            await loop.RunAsync(() => error = receiver.Open(rule.Loops[loop.Index], portOffset));
            if (error != Errno.None)
            {
                return error;
            }
        }

        return Errno.None;
    }

    public override Task PauseAsync() => OnEachAsync(receiver => receiver.Pause(LoopClock.Now));

    public override Task CloseAsync() => OnEachAsync(receiver => receiver.Close(LoopClock.Now));

    /// <summary>A socket no longer works; told once.</summary>
    public void Died(Errno error)
    {
        if (Interlocked.Exchange(ref _dead, 1) == 0)
        {
            _died(this, error);
        }
    }

    private Task OnEachAsync(Action<UdpReceiver> action) =>
        Task.WhenAll(_receivers.Select(receiver => receiver.Home.Loop.RunAsync(() => action(receiver))));

    private Errno Bind(in SockAddr address, bool dualStack, IReadOnlyList<UdpLoop> loops)
    {
        var receivers = new UdpReceiver[loops.Count];
        for (var i = 0; i < receivers.Length; i++)
        {
            var opened = Open(address, dualStack, isSibling: i > 0);
            var step = opened;
            if (opened.IsOk && i == 0 && receivers.Length > 1)
            {
                step = DatagramCalls.SetReusePort(opened.Value);
                if (!step.IsOk)
                {
                    PipeCalls.Close(opened.Value);
                }
            }

            if (!step.IsOk)
            {
                for (var j = 0; j < i; j++)
                {
                    PipeCalls.Close(receivers[j].Fd);
                }

                return step.Error;
            }

            receivers[i] = Receiver(loops[i], opened.Value, address, isSibling: i > 0);
        }

        _receivers = receivers;
        return Errno.None;
    }

    private UdpReceiver Receiver(UdpLoop loop, int fd, in SockAddr address, bool isSibling)
    {
        // What cannot be had costs speed, not correctness: an older kernel joins nothing, a smaller buffer drops sooner.
        DatagramCalls.SetReceiveBuffer(fd, BufferBytes);
        DatagramCalls.SetSendBuffer(fd, BufferBytes);
        var controlLength = DatagramCalls.SetJoined(fd).IsOk ? ControlMessages.SegmentLength : 0;
        // A dual-stack socket is told both.
        controlLength += address.IsAny ? ControlMessages.PacketIpv6Length + ControlMessages.PacketIpv4Length : 0;
        return new UdpReceiver(loop, this, fd, address, controlLength, isSibling);
    }

    private static SysResult Open(in SockAddr address, bool dualStack, bool isSibling)
    {
        var opened = DatagramCalls.Open(address.Family);
        if (!opened.IsOk)
        {
            return opened;
        }

        var fd = opened.Value;
        var step = isSibling ? DatagramCalls.SetReusePort(fd) : opened;
        if (step.IsOk && address.Family == SockAddr.FamilyInet6)
        {
            step = SocketCalls.SetIpv6Only(fd, !dualStack);
        }

        // Asked for before the bind: a datagram that came between the two would not say where it came to.
        step = step.IsOk && address.IsAny ? DatagramCalls.SetPacketInfo(fd, address.Family) : step;
        // An IPv6 socket is told of an IPv4 datagram only where it came to; what to answer from is another matter when that was
        // the broadcast address of a network.
        step = step.IsOk && address.IsAny && dualStack ? DatagramCalls.SetPacketInfo(fd, SockAddr.FamilyInet) : step;
        step = step.IsOk ? SocketCalls.Bind(fd, address) : step;
        if (step.IsOk)
        {
            return opened;
        }

        PipeCalls.Close(fd);
        return step;
    }
}

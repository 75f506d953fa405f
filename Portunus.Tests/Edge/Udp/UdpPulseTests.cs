using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Portunus.Edge.Loop;
using Portunus.Edge.Native;
using Portunus.Edge.Rules;
using Portunus.Edge.Udp;
using Portunus.Shared.Rules;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Udp;

/// <summary>When the clock looks at a busy socket, and when the socket wakes the loop itself.</summary>
public sealed class UdpPulseTests : IDisposable
{
    private const long Window = 10 * TimeSpan.TicksPerMillisecond;

    private readonly EventLoop _loop = new(0, NullLogger<EventLoop>.Instance);
    private readonly UdpLoop _home;
    private readonly UdpReceiver _receiver;
    private readonly UdpPulse _pulse;
    private readonly Socket _socket;
    private readonly DatagramPeer _peer;
    private long _now = LoopClock.Now;

    public UdpPulseTests()
    {
        _home = new UdpLoop(_loop);
        var key = new ListenKey(TransportProtocol.Udp, IPAddress.Loopback, FreePorts.Take());
        Assert.Equal(Errno.None, UdpListener.Bind(key, [_home], NullLogger.Instance, (_, _) => { }, out var listener));
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = (_socket.LocalEndPoint as IPEndPoint)?.Port ?? 0;
        _peer = new DatagramPeer(port);
        // It belongs to no rule, so it takes what comes and does no more.
        _receiver = new UdpReceiver(
            _home, listener ?? throw new InvalidOperationException("no listener"), (int)_socket.Handle, SockAddr.From(IPAddress.Loopback, port), controlLength: 0, isSibling: false);
        _pulse = new UdpPulse(_loop, _receiver);
        _loop.Start();
    }

    [Fact]
    public async Task Count_OverTheRate_TheClockTakesWhatComesAndNothingWaits()
    {
        await RegisterAsync();
        await OnLoopAsync(() => Pass(datagrams: 399));
        Assert.False(_pulse.IsOn);

        await OnLoopAsync(() => Pass(datagrams: 401));

        Assert.True(_pulse.IsOn);
        for (byte i = 0; i < 20; i++)
        {
            // One at a time: the timer goes on after each look.
            _peer.Send(i);
            await Eventually.Equals(0, () => _socket.Available, "it is taken");
        }

        Assert.True(_pulse.IsOn);
    }

    [Fact]
    public async Task Count_BelowHalfTheRate_TheSocketWakesTheLoopAgain()
    {
        await RegisterAsync();
        await OnLoopAsync(() => Pass(datagrams: 401));
        await OnLoopAsync(() => Pass(datagrams: 201));
        Assert.True(_pulse.IsOn);

        await OnLoopAsync(() => Pass(datagrams: 199));

        Assert.False(_pulse.IsOn);
        _peer.Send(1);
        await Eventually.Equals(0, () => _socket.Available, "it is taken");
    }

    [Fact]
    public async Task Stop_WithDatagramsWaiting_TheyAreTaken()
    {
        await RegisterAsync();
        await OnLoopAsync(() =>
        {
            Pass(datagrams: 401);
            _peer.Send(1);
            _pulse.Stop();
            _pulse.Close();
        });

        await Eventually.Equals(0, () => _socket.Available, "it is taken");
    }

    public void Dispose()
    {
        _loop.Dispose();
        _home.Dispose();
        _peer.Dispose();
        _socket.Dispose();
    }

    /// <summary>A window ends with that many datagrams in it, and the next begins.</summary>
    private void Pass(int datagrams)
    {
        _now += Window;
        _pulse.Count(datagrams, _now);
    }

    private Task RegisterAsync() => OnLoopAsync(() =>
    {
        Assert.True(_loop.Register(_receiver.Fd, _receiver, EpollCalls.In).IsOk);
        _pulse.Count(0, _now);
    });

    private Task OnLoopAsync(Action action) => Eventually.Within(_loop.RunAsync(action));
}

using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Portunus.Edge.Limits;
using Portunus.Edge.Loop;
using Portunus.Edge.Metering;
using Portunus.Edge.Rules;
using Portunus.Edge.Targets;
using Portunus.Edge.Tcp;
using Portunus.Shared.Ids;
using Portunus.Shared.Rules;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Tcp;

/// <summary>One way of a flow over real sockets, with the loop's time in the test's hands.</summary>
public sealed class FlowDirectionTests : ITimed, IDisposable
{
    private readonly TcpLoop _home = new(new EventLoop(0, NullLogger<EventLoop>.Instance));
    private readonly (Socket Near, Socket Far) _source = Pair();
    private readonly (Socket Near, Socket Far) _sink = Pair();
    private readonly byte[] _block = new byte[256 * 1024];
    private readonly FlowDirection _direction;
    private long _now = LoopClock.Now;
    private int _due;

    public FlowDirectionTests()
    {
        _direction = new FlowDirection(_home, this, isIn: true);
        _direction.Open(Rule(), new FlowCounters(), new FlowCounters(), (int)_source.Near.Handle, (int)_sink.Near.Handle);
    }

    [Fact]
    public void ShouldFetch_SinkTakesNothing_TimerDoesNotComeForEver()
    {
        while (_home.Loop.Timers.Count == 0)
        {
            Step();
            Drain();
        }

        while (!_direction.Relay.HasWaiting)
        {
            Step();
        }

        for (var i = 0; i < 1000; i++)
        {
            Pass(TimerWheel.Resolution);
        }

        Assert.InRange(_due, 1, 100);
        Assert.Equal(0, _home.Loop.Timers.Count);

        // And once it takes bytes again, each byte of the source wakes the loop.
        Assert.Equal(1, _source.Near.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReceiveLowWater));
    }

    void ITimed.TimerDue(LoopTimer timer, long now)
    {
        _due++;
        Assert.False(_direction.ShouldFetch(now));
    }

    void ITimed.Fault(Exception error) => Assert.Fail(error.ToString());

    public void Dispose()
    {
        _direction.Release();
        foreach (var socket in new[] { _source.Near, _source.Far, _sink.Near, _sink.Far })
        {
            socket.Dispose();
        }

        _home.Loop.Dispose();
        _home.Dispose();
    }

    private void Step()
    {
        _source.Far.Send(_block, 0, _block.Length, SocketFlags.None, out _);
        Pass(TimeSpan.TicksPerMillisecond);
        if (_direction.Relay.HasWaiting)
        {
            _direction.Flush();
        }
        else
        {
            _direction.Move(endFollows: false, _now);
        }
    }

    private void Pass(long ticks)
    {
        _now += ticks;
        _home.Loop.Timers.Advance(_now, (_, error) => Assert.Fail(error.ToString()));
    }

    private void Drain()
    {
        while (_sink.Far.Receive(_block, 0, _block.Length, SocketFlags.None, out var error) > 0 && error == SocketError.Success)
        {
        }
    }

    private static LoopRule Rule()
    {
        var spec = RuleCheck.Check(RunningEngine.Rule("one", 80)).Rule ?? throw new InvalidOperationException("not a rule");
        var model = new RuleModel
        {
            Rule = spec,
            Revision = 1,
            Targets = TargetSet.Compile(spec.Targets, spec.Balance, null, TimeProvider.System),
            Access = new SourceAccess(spec.Allow, spec.Deny),
            ConnectTimeoutTicks = spec.ConnectTimeout.Ticks,
            IdleTicks = 0,
            UdpIdleTicks = TimeSpan.TicksPerMinute,
            UdpMaxFlows = 4096,
        };
        return new RuleState(RuleId.FromName("one"), model, RuleLimits.Build(LimitSpec.None, null, null, 0), [new RuleCounters()]).Loops[0];
    }

    private static (Socket Near, Socket Far) Pair()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        far.Connect(listener.LocalEndPoint ?? throw new InvalidOperationException("not bound"));
        var near = listener.Accept();
        near.Blocking = false;
        far.Blocking = false;
        return (near, far);
    }
}

using System.Net;
using System.Net.Sockets;
using Portunus.Edge.Limits;
using Portunus.Edge.Loop;
using Portunus.Edge.Metering;
using Portunus.Edge.Native;
using Portunus.Edge.Rules;
using Portunus.Edge.Targets;
using Portunus.Edge.Tcp;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Tcp;

public sealed class UpstreamDialTests
{
    [RootFact("ip")]
    public void Next_LocalPortsRunOut_TargetIsNotToBlame() => NetworkNamespace.Run(() =>
    {
        // Of the calling thread's namespace, which /proc/sys follows.
        File.WriteAllText("/proc/sys/net/ipv4/ip_local_port_range", "20000 20001");
        using var listener = Listen();
        var model = Model(Port(listener));
        var counters = new RuleCounters();
        var open = new List<int>();
        try
        {
            for (var i = 0; i < 2; i++)
            {
                Assert.Equal((DialStep.Connected, FlowEnd.NoTarget), Dial(model, counters, open));
            }

            for (var i = 0; i < 5; i++)
            {
                Assert.Equal((DialStep.GaveUp, FlowEnd.OutOfPorts), Dial(model, counters, open));
            }
        }
        finally
        {
            open.ForEach(fd => PipeCalls.Close(fd));
        }

        Assert.False(model.Targets[0].Target.Health.IsDown);
        Assert.Equal(0, model.Targets[0].Target.Health.TotalFailures);
    });

    [RootFact("ip")]
    public void Next_NobodyListensAndTheKernelGivesTheTargetsPortAway_ConnectsToNobody() => NetworkNamespace.Run(() =>
    {
        File.WriteAllText("/proc/sys/net/ipv4/ip_local_port_range", "20000 20001");
        var model = Model(20000);
        var open = new List<int>();
        try
        {
            for (var i = 0; i < 20; i++)
            {
                var (step, verdict) = Dial(model, new RuleCounters(), open);
                Assert.Equal((DialStep.GaveUp, FlowEnd.NoTarget), (step, verdict));
            }
        }
        finally
        {
            open.ForEach(fd => PipeCalls.Close(fd));
        }
    });

    [Fact]
    public void Next_Refused_TargetIsToBlame()
    {
        var model = Model(FreePorts.Take());
        var counters = new RuleCounters();
        for (var i = 0; i < TargetHealth.Fall; i++)
        {
            Assert.Equal((DialStep.GaveUp, FlowEnd.NoTarget), Dial(model, counters, []));
        }

        Assert.True(model.Targets[0].Target.Health.IsDown);
        Assert.Equal(1, counters.TargetChanges);
    }

    private static (DialStep Step, FlowEnd Verdict) Dial(RuleModel model, RuleCounters counters, List<int> open)
    {
        var dial = new StreamDial();
        dial.Begin(model, SockAddr.From(IPAddress.Loopback, 1), portOffset: 0);
        var step = dial.Next(Nobody.One, counters, LoopClock.Now, out var fd);
        if (fd >= 0)
        {
            open.Add(fd);
        }

        return (step, dial.Verdict);
    }

    private static RuleModel Model(int port)
    {
        var spec = RuleCheck.Check(RunningEngine.Rule("dial", port)).Rule ?? throw new InvalidOperationException("not a rule");
        return new RuleModel
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
    }

    private static Socket Listen()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 5000));
        socket.Listen();
        return socket;
    }

    private static int Port(Socket socket) => (socket.LocalEndPoint as IPEndPoint)?.Port ?? 0;

    private sealed class Nobody : INameWaiter
    {
        public static readonly Nobody One = new();

        public void NameReady(NameEntry entry) => throw new InvalidOperationException("a literal was waited for");
    }
}

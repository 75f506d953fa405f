using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
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

    [RootFact("ip")]
    public void Next_NameWithLocalAddressesFirst_DialsTheOneThatIsElsewhere() => LinkedNamespaces.Run(1500, () => LoopbackTarget.Echo(LinkedNamespaces.Far, 5000), () =>
    {
        using var guard = new TargetGuard(NullLogger.Instance);
        var refresher = new NameRefresher(new ResolverOptions(), TimeProvider.System, NullLogger<NameRefresher>.Instance);
        using var name = new ResolvedName("db.example", refresher, TimeProvider.System, NullLogger.Instance);
        name.Preview(new FoundName(
            new NameReply(NameVerdict.Found, [IPAddress.Loopback, LinkedNamespaces.Near, LinkedNamespaces.Far], TimeSpan.FromMinutes(1), ""),
            new NameReply(NameVerdict.Found, [IPAddress.IPv6Loopback, LinkedNamespaces.Near.MapToIPv6()], TimeSpan.FromMinutes(1), "")));
        var model = Model(5000, "db.example", guard);
        model.Targets[0].Target.Names = new NameEntry(name, preferIpv6: true);
        var dial = new StreamDial();
        dial.Begin(model, SockAddr.From(IPAddress.Loopback, 1), portOffset: 0);

        var step = dial.Next(Nobody.One, new RuleCounters(), LoopClock.Now, out var fd);

        PipeCalls.Close(fd);
        Assert.Contains(step, new[] { DialStep.Connecting, DialStep.Connected });
        Assert.Equal(SockAddr.From(LinkedNamespaces.Far, 5000), dial.Dialled);
        Assert.False(model.Targets[0].Target.Health.IsDown);
        refresher.DisposeAsync().AsTask().GetAwaiter().GetResult();
    });

    [Fact]
    public void Next_OnlyLocalAddresses_IsRefusedAndTheTargetIsDown()
    {
        using var guard = new TargetGuard(NullLogger.Instance);
        using var listener = Listen();
        var model = Model(Port(listener), guard: guard);

        Assert.Equal((DialStep.GaveUp, FlowEnd.LocalTarget), Dial(model, new RuleCounters(), []));
        Assert.True(model.Targets[0].Target.Health.IsDown);
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

    private static RuleModel Model(int port, string host = "127.0.0.1", TargetGuard? guard = null)
    {
        var asked = RunningEngine.Rule("dial") with { Targets = [new TargetSpec { Host = host, Port = port }] };
        var spec = RuleCheck.Check(asked).Rule ?? throw new InvalidOperationException("not a rule");
        return new RuleModel
        {
            Rule = spec,
            Revision = 1,
            Guard = guard,
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

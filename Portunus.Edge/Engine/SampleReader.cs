using Portunus.Edge.Loop;
using Portunus.Edge.Metering;
using Portunus.Edge.Native;
using Portunus.Edge.Rules;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Engine;

/// <summary>Sums what the loops counted. Any thread; the loops are not disturbed.</summary>
internal sealed class SampleReader
{
    private static readonly FlowEnd[] s_reasons = Enum.GetValues<FlowEnd>();
    private static readonly DatagramDrop[] s_drops = Enum.GetValues<DatagramDrop>();

    private readonly IReadOnlyList<EventLoop> _loops;
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _startedAt;
    private long _sequence;

    public SampleReader(IReadOnlyList<EventLoop> loops, TimeProvider time)
    {
        _loops = loops;
        _time = time;
        _startedAt = time.GetUtcNow();
    }

    public EdgeSample Read(IReadOnlyList<RuleView> rules, long acceptErrors) => new(
        Interlocked.Increment(ref _sequence), _time.GetUtcNow(), ReadVitals(acceptErrors), [.. rules.Select(ReadRule)]);

    public EdgeVitals ReadVitals(long acceptErrors)
    {
        var flows = _loops.Select(loop => (long)loop.FlowCount).ToArray();
        var limit = (long)Math.Min(ProcessLimits.OpenFileLimit() ?? ulong.MaxValue, long.MaxValue);
        return new EdgeVitals(
            _startedAt,
            _loops.Count,
            flows,
            flows.Sum(),
            ReadDescriptors(limit),
            limit,
            Environment.WorkingSet,
            acceptErrors,
            GC.CollectionCount(0))
        {
            LoopBusySeconds = [.. _loops.Select(loop => (double)loop.BusyTicks / TimeSpan.TicksPerSecond)],
        };
    }

    /// <summary>
    /// Since Linux 6.2 the size of this folder is the number of its entries (proc_pid_fd(5)); before, it is 0 and they are
    /// counted, which costs a system call each and a descriptor: without one left to look with, all are in use.
    /// </summary>
    private static long ReadDescriptors(long limit)
    {
        const string OpenFiles = "/proc/self/fd";
        if (FileStamp.Of(OpenFiles) is { Bytes: > 0 } stamp)
        {
            return (long)stamp.Bytes;
        }

        try
        {
            return Directory.EnumerateFileSystemEntries(OpenFiles).LongCount();
        }
        catch (IOException)
        {
            return limit;
        }
    }

    /// <summary>The targets of a rule as they travel.</summary>
    public static IReadOnlyList<TargetTotals> TargetTotals(RuleState state)
    {
        var model = state.Model;
        return
        [
            .. Enumerable.Range(0, model.Targets.Count).Select(index => ReadTarget(state, model, index)).Select(target => new TargetTotals(
                target.Host, target.Port, SampleWords.Of(target.Standing), target.Traffic, target.ConnectFailures, target.ConnectMs)),
        ];
    }

    /// <summary>The ports of a rule as they travel: those with traffic.</summary>
    public static IReadOnlyList<PortTotals> PortTotals(RuleState state) =>
    [
        .. ReadPorts(state.Model.Rule.ListenPorts, state.Loops)
            .Where(port => port.Traffic != default).Select(port => new PortTotals(port.Port, port.Traffic)),
    ];

    private static RuleSample ReadRule(RuleView view)
    {
        var rule = view.Rule;
        var loops = view.State.Loops;
        return new RuleSample
        {
            Rule = view.Outcome.Rule,
            Name = rule.Name,
            Protocol = rule.Protocol == TransportProtocol.Tcp ? "tcp" : "udp",
            Listen = ListenText(rule),
            Outcome = view.Outcome,
            Traffic = Sum(loops, loop => loop.Counters.ReadAll()),
            Accepted = loops.Sum(loop => Volatile.Read(ref loop.Counters.Accepted)),
            ThrottlesIn = loops.Sum(loop => Volatile.Read(ref loop.Counters.ThrottlesIn)),
            ThrottlesOut = loops.Sum(loop => Volatile.Read(ref loop.Counters.ThrottlesOut)),
            TargetChanges = loops.Sum(loop => Volatile.Read(ref loop.Counters.TargetChanges)) + view.State.ProbedChanges,
            NameFailures = loops.Sum(loop => Volatile.Read(ref loop.Counters.NameFailures)),
            Ends = Seen(s_reasons, loops, (counters, reason) => counters.Ends(reason)),
            DropsIn = Seen(s_drops, loops, (counters, reason) => counters.DropsIn(reason)),
            DropsOut = Seen(s_drops, loops, (counters, reason) => counters.DropsOut(reason)),
            Ports = ReadPorts(rule.ListenPorts, loops),
            Targets = [.. Enumerable.Range(0, view.State.Model.Targets.Count).Select(index => ReadTarget(view.State, view.State.Model, index))],
        };
    }

    /// <summary>Written out, because a range has up to 1,024 of them and somebody looks each second.</summary>
    private static PortSample[] ReadPorts(PortRange ports, LoopRule[] loops)
    {
        var samples = new PortSample[ports.Length];
        for (var i = 0; i < samples.Length; i++)
        {
            var traffic = default(TrafficCount);
            foreach (var loop in loops)
            {
                traffic += loop.Counters.ReadPort(ports.First + i);
            }

            samples[i] = new PortSample(ports.First + i, traffic);
        }

        return samples;
    }

    private static Dictionary<T, long> Seen<T>(T[] reasons, LoopRule[] loops, Func<RuleCounters, T, long> read)
        where T : struct, Enum
    {
        var seen = new Dictionary<T, long>();
        foreach (var reason in reasons)
        {
            var count = loops.Sum(loop => read(loop.Counters, reason));
            if (count > 0)
            {
                seen[reason] = count;
            }
        }

        return seen;
    }

    private static TargetSample ReadTarget(RuleState state, RuleModel model, int index)
    {
        var entry = model.Targets[index];
        var health = entry.Target.Health;
        return new TargetSample
        {
            Host = entry.Target.Host,
            Port = entry.Target.FirstPort,
            Priority = entry.Priority,
            Traffic = Sum(state.Loops, loop => loop.Counters.ReadTarget(entry.Target.Number)),
            Standing = health.Standing,
            ConsecutiveFailures = health.ConsecutiveFailures,
            ConnectFailures = health.TotalFailures,
            ConnectMs = health.LastConnectTicks is { } ticks ? (double)ticks / TimeSpan.TicksPerMillisecond : null,
            LastFailure = health.LastFailure,
            LastSuccess = health.LastSuccess,
        };
    }

    private static TrafficCount Sum(LoopRule[] loops, Func<LoopRule, TrafficCount> read) =>
        loops.Aggregate(default(TrafficCount), (sum, loop) => sum + read(loop));

    /// <summary>As people write it: <c>*:80</c>, <c>127.0.0.1:80</c>, <c>[::1]:8000-8009</c>.</summary>
    public static string ListenText(CheckedRule rule)
    {
        var host = rule.ListenAddress switch
        {
            null => "*",
            { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6 } v6 => $"[{v6}]",
            var v4 => v4.ToString(),
        };
        return $"{host}:{rule.ListenPorts}";
    }
}

/// <summary>A rule as a reader sees it at one moment.</summary>
internal sealed record RuleView(CheckedRule Rule, RuleState State, Portunus.Shared.Plans.RuleOutcome Outcome);

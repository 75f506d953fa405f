using Microsoft.Extensions.Logging;
using Portunus.Edge.Limits;
using Portunus.Edge.Loop;
using Portunus.Edge.Metering;
using Portunus.Edge.Relay;
using Portunus.Edge.Rules;
using Portunus.Edge.Targets;
using Portunus.Shared.Plans;
using Portunus.Shared.Rules;

namespace Portunus.Edge.Engine;

/// <summary>CheckedRule → <see cref="RuleModel"/>: targets keep their health, counters and names across changes.</summary>
internal sealed class RuleCompiler : IDisposable
{
    // Deaf targets of many rules must not take the descriptors that flows need.
    private const int MostProbesAtOnce = 256;

    private readonly NameRefresher _names;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _probeRoom = new(MostProbesAtOnce);

    // Made for the first rule that needs it: an edge that runs from a file never does.
    private TargetGuard? _guard;

    public RuleCompiler(NameRefresher names, TimeProvider time, ILogger log)
    {
        _names = names;
        _time = time;
        _log = log;
    }

    /// <summary>Compiles a rule for the first time.</summary>
    public RunningRule Begin(PlannedRule planned, CheckedRule spec, RuleLimits limits, CountedRule counted, RevisionScale scale)
    {
        var model = Model(spec, planned, scale, null);
        var state = new RuleState(planned.Id, model, limits, [.. counted.Records.Select(record => new RuleCounters(record))]);
        var rule = new RunningRule(planned, state, counted, scale);
        counted.State = state;
        Attach(rule, model, spec);
        return rule;
    }

    /// <summary>Compiles a changed rule; the caller puts the model into the state.</summary>
    public RuleModel Compile(RunningRule rule, PlannedRule planned, CheckedRule spec)
    {
        var model = Model(spec, planned, rule.Scale, rule.State.Model.Targets);
        if (rule.State.Model.Guard is not null && model.Guard is null)
        {
            // Whatever is down because it was not to be reached may be tried again.
            for (var i = 0; i < model.Targets.Count; i++)
            {
                model.Targets[i].Target.Health.TrySoon(LoopClock.Now);
            }
        }

        Attach(rule, model, spec);
        return model;
    }

    /// <summary>Gives back the names of a rule that has stopped.</summary>
    public void Release(RunningRule rule)
    {
        foreach (var name in rule.Names.Values)
        {
            _names.Release(name);
        }

        rule.Names.Clear();
    }

    /// <summary>All rules have been stopped, so that nobody is probed any more.</summary>
    public void Dispose()
    {
        _probeRoom.Dispose();
        _guard?.Dispose();
    }

    private RuleModel Model(CheckedRule spec, PlannedRule planned, RevisionScale scale, TargetSet? previous) => new()
    {
        Rule = spec,
        Revision = scale.Of(planned.Revision),
        Guard = planned.LocalTargets ? null : _guard ??= new TargetGuard(_log),
        Targets = TargetSet.Compile(spec.Targets, spec.Balance, previous, _time),
        Access = new SourceAccess(spec.Allow, spec.Deny),
        ConnectTimeoutTicks = spec.ConnectTimeout.Ticks,
        IdleTicks = spec.Idle.Ticks,
        UdpIdleTicks = spec.UdpIdle.Ticks,
        UdpMaxFlows = spec.UdpMaxFlows,
    };

    private void Attach(RunningRule rule, RuleModel model, CheckedRule spec)
    {
        var wanted = new HashSet<Target>();
        for (var i = 0; i < model.Targets.Count; i++)
        {
            var target = model.Targets[i].Target;
            wanted.Add(target);
            Number(rule, target);
            target.Health.Notice = new TargetNotice(_log, spec.Name, target);
            if (target.Literal.IsEmpty)
            {
                var name = _names.Acquire(target.Host, spec.PreferIpv6);
                if (rule.Names.Remove(target, out var old))
                {
                    _names.Release(old);
                }

                rule.Names[target] = name;
                target.Names = name;
            }
        }

        foreach (var gone in rule.Names.Keys.Where(target => !wanted.Contains(target)).ToList())
        {
            _names.Release(rule.Names[gone]);
            rule.Names.Remove(gone);
        }

        Probe(rule, model, spec);
    }

    private void Probe(RunningRule rule, RuleModel model, CheckedRule spec)
    {
        // A rule that is refused for something else in it is not half served.
        var check = ServedFeatures.Check(spec).Count == 0 ? spec.HealthCheck : null;
        var targets = Enumerable.Range(0, model.Targets.Count).Select(index => model.Targets[index]);
        rule.Probes.Follow(
            [.. targets.Select(entry => (entry.Target, Preface(entry.ProxyHeader)))],
            check is null ? null : ProbeModel.From(check, model.Guard),
            _probeRoom,
            _time,
            rule.State.CountProbedChange);
    }

    /// <summary>A target that expects a header gets the one for connections of the forwarder's own: without addresses.</summary>
    private static byte[] Preface(ProxyHeaderVersion version)
    {
        if (version == ProxyHeaderVersion.None)
        {
            return [];
        }

        var header = new byte[ProxyHeader.MaxLength];
        return header[..ProxyHeader.Write(version, default, default, header)];
    }

    /// <summary>The number under which loops count a target; one that left and came back counts on.</summary>
    private static void Number(RunningRule rule, Target target)
    {
        var number = rule.Targets.FindIndex(known => known.Host == target.Host && known.FirstPort == target.FirstPort);
        if (number < 0)
        {
            number = rule.Targets.Count;
            rule.Targets.Add(target);
        }

        target.Number = number;
    }
}

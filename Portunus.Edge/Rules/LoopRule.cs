using Portunus.Edge.Metering;
using Portunus.Edge.Targets;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Rules;

/// <summary>
/// One rule on one loop: its counters and its open flows there. Loop's thread only, but for reading the counters.
/// </summary>
internal sealed class LoopRule
{
    private LiveFlow? _first;

    public LoopRule(RuleState state, RuleCounters counters)
    {
        State = state;
        Counters = counters;
    }

    public RuleState State { get; }

    public RuleCounters Counters { get; }

    public void Add(LiveFlow flow)
    {
        flow.Next = _first;
        flow.Previous = null;
        if (_first is not null)
        {
            _first.Previous = flow;
        }

        _first = flow;
    }

    public void Remove(LiveFlow flow)
    {
        if (flow.Previous is not null)
        {
            flow.Previous.Next = flow.Next;
        }
        else
        {
            _first = flow.Next;
        }

        if (flow.Next is not null)
        {
            flow.Next.Previous = flow.Previous;
        }

        flow.Next = null;
        flow.Previous = null;
    }

    /// <summary>Cuts the flows opened under a revision lower than <paramref name="revision"/>.</summary>
    public void Cut(long revision, FlowEnd reason, long now)
    {
        var flow = _first;
        while (flow is not null)
        {
            var next = flow.Next;
            if (flow.RuleRevision < revision)
            {
                flow.Cut(reason, now);
            }

            flow = next;
        }
    }

    /// <summary>Ends the flows that have reached what the rule may not reach any more.</summary>
    public void Forbid(TargetGuard guard, long now)
    {
        var flow = _first;
        while (flow is not null)
        {
            var next = flow.Next;
            flow.Forbid(guard, now);
            flow = next;
        }
    }

    /// <summary>Tells every flow that model or limits were swapped.</summary>
    public void Changed(long now)
    {
        var flow = _first;
        while (flow is not null)
        {
            var next = flow.Next;
            flow.RuleChanged(now);
            flow = next;
        }
    }
}

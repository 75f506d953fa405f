using Portunus.Shared.Rules;

namespace Portunus.Edge.Limits;

/// <summary>All limits of one rule at one revision, its owner's included. Swapped as a whole; buckets and counts are inherited.</summary>
internal sealed class RuleLimits
{
    private readonly BucketCell _inCell = new();
    private readonly BucketCell _outCell = new();
    private readonly ByteLimits _in;
    private readonly ByteLimits _out;

    private RuleLimits(LimitSpec rule, OwnerLimits? owner, RuleLimits? previous, long now)
    {
        if (previous is not null)
        {
            // The cells go on: a paused flow is counted in them.
            _inCell = previous._inCell;
            _outCell = previous._outCell;
        }

        var isFirst = previous is null;
        _inCell.Bucket = BucketCell.Next(_inCell.Bucket, rule.BytesPerSecondIn, rule.BurstBytesIn, isFirst, now);
        _outCell.Bucket = BucketCell.Next(_outCell.Bucket, rule.BytesPerSecondOut, rule.BurstBytesOut, isFirst, now);
        _in = new ByteLimits(owner?.In, _inCell);
        _out = new ByteLimits(owner?.Out, _outCell);
        var count = previous?.Flows.Count ?? new FlowCount();
        count.Most = rule.ConcurrentFlows ?? long.MaxValue;
        Flows = new FlowLimits(
            owner, BucketCell.Next(previous?.Flows.Rate, rule.NewFlowsPerSecond, rule.NewFlowsBurst, isFirst, now), count);
    }

    /// <summary>Towards the target; null: uncapped now.</summary>
    public ByteLimits? In => _in.IsCapped ? _in : null;

    /// <summary>Back to the connecting side; null: uncapped now.</summary>
    public ByteLimits? Out => _out.IsCapped ? _out : null;

    public FlowLimits Flows { get; }

    /// <summary>
    /// Limits as asked. The first ones of a rule start with their bursts; a change inherits what is left and a limit added
    /// later starts without a burst, so no change mints one.
    /// </summary>
    public static RuleLimits Build(LimitSpec rule, OwnerLimits? owner, RuleLimits? previous, long now) => new(rule, owner, previous, now);
}

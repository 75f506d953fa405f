using Portunus.Shared.Rules;

namespace Portunus.Edge.Limits;

/// <summary>What one owner may use over all own rules on this edge. Shared by those rules; a change reaches them all at once.</summary>
internal sealed class OwnerLimits
{
    public OwnerLimits(LimitSpec limits, long now) => Apply(limits, isFirst: true, now);

    public BucketCell In { get; } = new();

    public BucketCell Out { get; } = new();

    public BucketCell FlowRate { get; } = new();

    public FlowCount Flows { get; } = new();

    /// <summary>Changes the limits; a limit that was not there before starts without a burst.</summary>
    public void Reconfigure(LimitSpec limits, long now) => Apply(limits, isFirst: false, now);

    private void Apply(LimitSpec limits, bool isFirst, long now)
    {
        In.Bucket = BucketCell.Next(In.Bucket, limits.BytesPerSecondIn, limits.BurstBytesIn, isFirst, now);
        Out.Bucket = BucketCell.Next(Out.Bucket, limits.BytesPerSecondOut, limits.BurstBytesOut, isFirst, now);
        FlowRate.Bucket = BucketCell.Next(FlowRate.Bucket, limits.NewFlowsPerSecond, limits.NewFlowsBurst, isFirst, now);
        Flows.Most = limits.ConcurrentFlows ?? long.MaxValue;
    }
}

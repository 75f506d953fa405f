using Portunus.Shared.Ids;

namespace Portunus.Web.Traffic;

/// <summary>Whether the data plane forwards for a rule: what its edge told last, while it tells anything.</summary>
internal enum ForwardingState
{
    /// <summary>No counters came for ten seconds, or none of this rule from the running boot.</summary>
    Unknown,

    /// <summary>Nothing has been dialled or probed yet.</summary>
    Idle,

    /// <summary>A target is up.</summary>
    Ok,

    /// <summary>All targets are down.</summary>
    Failing,
}

/// <summary>A fact and its time.</summary>
/// <param name="State">What.</param>
/// <param name="At">When counters came last; null where none came since the control plane started.</param>
internal readonly record struct ForwardingFact(ForwardingState State, DateTimeOffset? At);

/// <summary>Reads what is known of traffic now. Whose it may be shown is for the caller to have asked.</summary>
internal sealed class TrafficReader(TrafficBook book, TimeProvider clock)
{
    /// <summary>Counters that are older say nothing of now.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    /// <summary>Whether a rule's targets were reached when its edge last told of them.</summary>
    public ForwardingFact Forwarding(RuleId id)
    {
        if (book.FindRule(id) is not { } rule)
        {
            return new ForwardingFact(ForwardingState.Unknown, null);
        }

        var now = clock.GetUtcNow();
        lock (rule.Edge.Gate)
        {
            return new ForwardingFact(rule.Edge.SampledAt is { } at && now - at <= Fresh ? StateOf(rule) : ForwardingState.Unknown, rule.Edge.SampledAt);
        }
    }

    private static ForwardingState StateOf(RuleTraffic rule)
    {
        if (rule.Newest?.Targets is not { Count: > 0 } targets || rule.NewestBoot != rule.Edge.RunningBoot)
        {
            return ForwardingState.Unknown;
        }

        return targets.Any(target => target.Standing == "up") ? ForwardingState.Ok
            : targets.All(target => target.Standing == "down") ? ForwardingState.Failing
            : ForwardingState.Idle;
    }
}

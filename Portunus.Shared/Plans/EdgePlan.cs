using Portunus.Shared.Ids;
using Portunus.Shared.Rules;

namespace Portunus.Shared.Plans;

/// <summary>What flows opened under an older revision of a rule must do.</summary>
/// <param name="Revision">Flows opened under a lower rule revision than this obey.</param>
/// <param name="Deadline">When the last of them is cut; null cuts at once.</param>
public sealed record FlowOrder(long Revision, DateTimeOffset? Deadline);

/// <summary>One rule of a plan.</summary>
public sealed record PlannedRule
{
    public required RuleId Id { get; init; }

    /// <summary>Counts up with each change of this rule.</summary>
    public required long Revision { get; init; }

    /// <summary>The rule; null for a tombstone: removed, kept in the plan until the edge has reported it stopped.</summary>
    public required CheckedRule? Rule { get; init; }

    /// <summary>
    /// Why the rule could not be read, in a sentence: it is refused as <see cref="BindRefusal.NotSupported"/>, and nothing of an older
    /// revision of it may go on listening. Null for a rule that was read, and for a tombstone.
    /// </summary>
    public string? Unread { get; init; }

    /// <summary>
    /// When the flows that an unread rule has left are cut, since the end of its owner's grant is known although the rule is not; null:
    /// never. A rule that was read has its end in <see cref="CheckedRule.ExpiresAt"/>.
    /// </summary>
    public DateTimeOffset? UnreadUntil { get; init; }

    /// <summary>Whose rule it is, for owner limits; null standalone.</summary>
    public AccountId? Owner { get; init; }

    /// <summary>
    /// Whether targets may lie on the edge itself: loopback, link-local and its own addresses. Tenants' rules may only where a grant says so.
    /// </summary>
    public bool LocalTargets { get; init; } = true;

    /// <summary>Flows that must end at once.</summary>
    public FlowOrder? CutBefore { get; init; }

    /// <summary>Flows that must end by a deadline.</summary>
    public FlowOrder? DrainBefore { get; init; }
}

/// <summary>All rules and owner limits of one edge at one revision. A plan is a state, not an event: applying it twice changes nothing.</summary>
/// <param name="Revision">Which plan; a later one takes over.</param>
/// <param name="Rules">Every rule of the edge, disabled ones included.</param>
/// <param name="OwnerLimits">Limits of each owner over all own rules here.</param>
public sealed record EdgePlan(PlanRevision Revision, IReadOnlyList<PlannedRule> Rules, IReadOnlyDictionary<AccountId, LimitSpec> OwnerLimits);

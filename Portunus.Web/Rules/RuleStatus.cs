using Portunus.Web.Traffic;

namespace Portunus.Web.Rules;

/// <summary>What is wanted of a rule at this moment.</summary>
internal enum RuleDesire
{
    Enabled,
    Disabled,
    Expired,

    /// <summary>Enabled, but its owner is disabled or no grant covers it any more.</summary>
    NotPermitted,
}

/// <summary>Where a rule stands: what is wanted, what the edge made of it, how far its plan is, whether the link is up and whether it forwards. None is guessed from another.</summary>
/// <param name="Desired">What is wanted.</param>
/// <param name="Applied">What the edge made of it, as it last said.</param>
/// <param name="Plan">How far the plan of its edge is.</param>
/// <param name="Link">Whether its edge is in touch.</param>
/// <param name="Forwarding">Whether its targets are reached.</param>
internal sealed record RuleStatus(DesiredRule Desired, AppliedRule Applied, RulePlan Plan, RuleLink Link, RuleForwarding Forwarding);

/// <summary>What is wanted.</summary>
/// <param name="State">Whether it should listen, and why not.</param>
/// <param name="Revision">The rule's revision; the edge has taken it up when <c>applied.revision</c> is the same.</param>
/// <param name="PermittedUntil">When the last grant that covers it ends; null for never, and where none does.</param>
internal sealed record DesiredRule(RuleDesire State, long Revision, DateTimeOffset? PermittedUntil);

/// <summary>What the edge made of the rule, as it last said: it goes on being so while the link is down, as far as is known.</summary>
/// <param name="State"><c>waiting</c> until it has told of this revision; then <c>listening</c>, <c>refused</c>, <c>draining</c>, <c>stopped</c>, or another word of a newer edge.</param>
/// <param name="Revision">The revision of the rule that the edge told of last; null before that.</param>
/// <param name="Reason">Why it does not listen, a word such as <c>port_in_use</c>; null where nothing was refused.</param>
/// <param name="Port">The port that was refused; null where none was.</param>
/// <param name="Text">One sentence for people; null where nothing is wrong.</param>
/// <param name="Since">Since when it stands so, by the edge's clock; null while waiting.</param>
/// <param name="ReportedAt">When the edge last told of it; null before that.</param>
internal sealed record AppliedRule(string State, long? Revision, string? Reason, int? Port, string? Text, DateTimeOffset? Since, DateTimeOffset? ReportedAt);

/// <summary>How far the plan of the rule's edge is.</summary>
/// <param name="Wanted">The newest revision of the plan.</param>
/// <param name="Applied">The one that the edge last said is in force; null where it has told of none since the store was made, restored or reset.</param>
internal sealed record RulePlan(long Wanted, long? Applied);

/// <summary>Whether the rule's edge is in touch with the control plane. Where it is not, it forwards on by its last plan.</summary>
/// <param name="Connected">Whether there is a link now.</param>
/// <param name="Since">Since when; null where the edge was not seen since the control plane started.</param>
internal sealed record RuleLink(bool Connected, DateTimeOffset? Since);

/// <summary>Whether the rule forwards, by the edge's counters.</summary>
/// <param name="State">What they said last: a target is up, all are down, none was dialled yet; unknown where none came for 10 seconds.</param>
/// <param name="At">When they came; null where none came since the control plane started.</param>
internal sealed record RuleForwarding(ForwardingState State, DateTimeOffset? At);

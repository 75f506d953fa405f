using Portunus.Web.Database.Tables;
using Portunus.Web.Grants;

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

/// <summary>Where a rule stands on its edge.</summary>
internal enum AppliedState
{
    /// <summary>The edge has not reported this revision yet.</summary>
    Waiting,
}

/// <summary>Where a rule stands: what is wanted and what was applied are told apart.</summary>
/// <param name="Desired">What is wanted.</param>
/// <param name="PermittedUntil">When the last grant that covers it ends; null for never, and where none does.</param>
/// <param name="Applied">What the edge made of it.</param>
internal sealed record RuleStatus(RuleDesire Desired, DateTimeOffset? PermittedUntil, AppliedRule Applied)
{
    public static RuleStatus Of(Rule row, GrantCover? cover, DateTimeOffset now) => new(
        !row.Enabled ? RuleDesire.Disabled : row.ExpiresAt <= now ? RuleDesire.Expired : cover is null ? RuleDesire.NotPermitted : RuleDesire.Enabled,
        cover?.Until,
        new AppliedRule(AppliedState.Waiting, null, null));
}

/// <summary>What an edge made of a rule.</summary>
/// <param name="State">Where it stands there.</param>
/// <param name="Revision">The revision of the rule that the edge reported last; null before the first report.</param>
/// <param name="Reason">Why it does not listen; null where nothing is wrong.</param>
internal sealed record AppliedRule(AppliedState State, long? Revision, string? Reason);

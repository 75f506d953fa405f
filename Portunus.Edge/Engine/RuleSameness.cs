using Portunus.Shared.Plans;
using Portunus.Shared.Rules;

namespace Portunus.Edge.Engine;

/// <summary>
/// Whether two entries of plans ask for the same rule, whatever their revisions say, and whenever it ends: its end may be that of a grant. Records compare lists by reference, so the lists
/// are compared by hand and the rest by the record: what is forgotten here makes a rule look changed, never unchanged.
/// </summary>
internal static class RuleSameness
{
    public static bool IsSame(PlannedRule left, PlannedRule right) =>
        left.Owner == right.Owner && left.LocalTargets == right.LocalTargets && left.Rule is { } one && right.Rule is { } other && IsSame(one, other);

    private static bool IsSame(CheckedRule left, CheckedRule right) =>
        Bare(left, right) == right
        && left.Targets.SequenceEqual(right.Targets)
        && left.Sni.SequenceEqual(right.Sni)
        && IsSame(left.Allow, right.Allow)
        && IsSame(left.Deny, right.Deny)
        && IsSame(left.ProxyProtocolFrom, right.ProxyProtocolFrom);

    /// <summary>The left rule with those members of the right one that are compared by hand, or not at all.</summary>
    private static CheckedRule Bare(CheckedRule left, CheckedRule right) => left with
    {
        Targets = right.Targets,
        Sni = right.Sni,
        Allow = right.Allow,
        Deny = right.Deny,
        ProxyProtocolFrom = right.ProxyProtocolFrom,
        ExpiresAt = right.ExpiresAt,
    };

    private static bool IsSame(CidrSet? left, CidrSet? right) => ReferenceEquals(left, right) || (left is not null && right is not null && left.IsBuiltLike(right));
}

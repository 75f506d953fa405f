using Portunus.Shared.Rules;

namespace Portunus.Edge.Standalone;

/// <summary>
/// Whether two rules ask for the same. Records compare lists by reference, so the lists are compared by hand and the rest by
/// the record: a field that somebody adds later is compared without a word here, and a list that is forgotten
/// makes a rule look changed, which costs a look at it and no flow.
/// </summary>
internal static class SpecEquality
{
    public static bool Same(RuleSpec left, RuleSpec right) =>
        Bare(left) == Bare(right)
        && Same(left.Targets, right.Targets)
        && Same(left.Sni, right.Sni)
        && Same(left.Allow, right.Allow)
        && Same(left.Deny, right.Deny)
        && Same(left.ProxyProtocolFrom, right.ProxyProtocolFrom);

    private static RuleSpec Bare(RuleSpec spec) =>
        spec with { Targets = null, Sni = null, Allow = null, Deny = null, ProxyProtocolFrom = null };

    private static bool Same<T>(IReadOnlyList<T>? left, IReadOnlyList<T>? right) =>
        left is null || right is null ? left is null && right is null : left.SequenceEqual(right);
}

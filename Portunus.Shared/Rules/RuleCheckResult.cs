namespace Portunus.Shared.Rules;

/// <summary>What <see cref="RuleCheck"/> came to: a rule, or at least one problem.</summary>
/// <param name="Rule">Null where there are problems.</param>
/// <param name="Problems">All of them, in the order of the fields.</param>
public sealed record RuleCheckResult(CheckedRule? Rule, IReadOnlyList<RuleProblem> Problems);

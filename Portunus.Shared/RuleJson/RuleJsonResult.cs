using Portunus.Shared.Rules;

namespace Portunus.Shared.RuleJson;

/// <summary>What reading a rule's JSON came to: a rule, or at least one problem.</summary>
/// <param name="Spec">As asked, to be kept and written again; null where there are problems.</param>
/// <param name="Rule">Checked; null where there are problems.</param>
/// <param name="Problems">All of them.</param>
public sealed record RuleJsonResult(RuleSpec? Spec, CheckedRule? Rule, IReadOnlyList<RuleProblem> Problems);

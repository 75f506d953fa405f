using Portunus.Shared.Ids;

namespace Portunus.Shared.Plans;

/// <summary>
/// What became of a plan on an edge. Large plans are reported in parts; an outcome that changes later (a refused listener binds, a
/// drain ends) is one more part for the same revision. Repeated after each hello, so an answer that was lost comes again.
/// </summary>
/// <param name="Epoch">Of the plan applied last.</param>
/// <param name="Number">Of the plan applied last.</param>
/// <param name="Rules">Outcomes of some of its rules; each takes the place of the last one told of that rule.</param>
/// <param name="IsLast">Every rule of the plan has been told now; the plan counts as applied.</param>
/// <param name="Note">One sentence for people on the plan as a whole, in the last part; null where all of it was understood.</param>
public sealed record PlanReport(string Epoch, long Number, IReadOnlyList<ReportedRule> Rules, bool IsLast, string? Note = null)
{
    [System.Text.Json.Serialization.JsonIgnore]
    public PlanRevision Revision => new(Epoch, Number);
}

/// <summary>One rule of a report.</summary>
/// <param name="Rule">Which rule.</param>
/// <param name="Revision">The revision of the rule that this is about.</param>
/// <param name="Standing">Where it stands: a word of <c>SampleWords</c>; one that is not known is told as it is.</param>
/// <param name="Since">When it came to stand there, by the edge's clock.</param>
/// <param name="Refusal">Why it does not listen, a word; null where nothing was refused.</param>
/// <param name="Port">The port that was refused; null where none was.</param>
/// <param name="Text">One sentence for people; null where nothing is wrong.</param>
public sealed record ReportedRule(RuleId Rule, long Revision, string Standing, DateTimeOffset Since, string? Refusal = null, int? Port = null, string? Text = null);

using Portunus.Shared.Ids;
using Portunus.Shared.Plans;

namespace Portunus.Web.Plans;

/// <summary>What an edge last said of a rule.</summary>
/// <param name="Epoch">Of the plan it spoke of: revisions of another epoch do not compare.</param>
/// <param name="Rule">What it said.</param>
/// <param name="At">When that came in.</param>
internal sealed record ToldOutcome(string Epoch, ReportedRule Rule, DateTimeOffset At);

/// <summary>The plan in force on an edge, as it said itself.</summary>
/// <param name="Revision">Which.</param>
/// <param name="At">When it was first said.</param>
internal sealed record AppliedPlan(PlanRevision Revision, DateTimeOffset At);

/// <summary>What one edge said. The last word counts, also where it speaks of an older plan: a machine may be put back to an older state.</summary>
internal sealed class EdgeOutcomes
{
    /// <summary>Far more rules than an edge has. An edge is a machine of somebody's, and cannot fill this one's memory.</summary>
    public const int MaxRules = 100_000;

    /// <summary>Longer sentences are cut, for the same reason.</summary>
    public const int MaxText = 500;

    private readonly Lock _gate = new();
    private readonly Dictionary<RuleId, ToldOutcome> _rules = [];
    private readonly HashSet<RuleId> _told = [];
    private PlanRevision? _speaksOf;

    public AppliedPlan? Applied { get; private set; }

    public void Record(PlanReport report, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (_speaksOf != report.Revision)
            {
                _speaksOf = report.Revision;
                _told.Clear();
            }

            foreach (var rule in report.Rules)
            {
                if (_rules.Count < MaxRules || _rules.ContainsKey(rule.Rule))
                {
                    _rules[rule.Rule] = new ToldOutcome(report.Epoch, Cut(rule), now);
                    _told.Add(rule.Rule);
                }
            }

            if (!report.IsLast)
            {
                return;
            }

            // What it no longer speaks of is not in that plan.
            foreach (var gone in _rules.Keys.Where(id => !_told.Contains(id)).ToList())
            {
                _rules.Remove(gone);
            }

            if (Applied?.Revision != report.Revision)
            {
                Applied = new AppliedPlan(report.Revision, now);
            }
        }
    }

    public ToldOutcome? Find(RuleId rule)
    {
        lock (_gate)
        {
            return _rules.GetValueOrDefault(rule);
        }
    }

    public IReadOnlyList<ToldOutcome> List()
    {
        lock (_gate)
        {
            return [.. _rules.Values];
        }
    }

    private static ReportedRule Cut(ReportedRule rule) => rule with
    {
        Standing = Cut(rule.Standing) ?? "",
        Refusal = Cut(rule.Refusal),
        Text = Cut(rule.Text),
    };

    private static string? Cut(string? text) => text?.Length > MaxText ? text[..MaxText] : text;
}

using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Shared.Samples;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Edges;
using Portunus.Web.Grants;
using Portunus.Web.Plans;
using Portunus.Web.Traffic;

namespace Portunus.Web.Rules;

/// <summary>What is known of rules beside their rows: what edges said, and whether they are there.</summary>
internal sealed class RuleFacts(PlanOutcomes outcomes, EdgePresence presence, TrafficReader traffic)
{
    private static readonly string s_waiting = SampleWords.Of(RuleStanding.Waiting);

    /// <summary>What a rule can be on its edge.</summary>
    public static IReadOnlyList<string> States { get; } = [.. Enum.GetValues<RuleStanding>().Select(SampleWords.Of)];

    /// <summary>The newest plan of each edge, as it is once this context is saved.</summary>
    public static async Task<IReadOnlyDictionary<EdgeId, PlanRevision>> PlansAsync(PortunusDb db, IReadOnlyCollection<EdgeId> edges, CancellationToken cancel)
    {
        var epoch = await db.Settings.Where(setting => setting.Key == Setting.PlanEpoch).Select(setting => setting.Value).SingleAsync(cancel);
        // Rows and not numbers: what a change has raised and not saved yet must be seen.
        var rows = await db.EdgeRevisions.Where(row => edges.Contains(row.EdgeId)).ToListAsync(cancel);
        return rows.ToDictionary(row => row.EdgeId, row => new PlanRevision(epoch, row.Number));
    }

    /// <summary>The filter with those rules only that stand so on their edges, as these last said.</summary>
    public async Task<RuleFilter> NarrowAsync(PortunusDb db, RuleFilter filter, string state, CancellationToken cancel)
    {
        var epoch = await db.Settings.Where(setting => setting.Key == Setting.PlanEpoch).Select(setting => setting.Value).SingleAsync(cancel);
        var waiting = state == s_waiting;
        var told = outcomes.ListAll()
            .Where(one => (filter.Edge is not { } edge || edge == one.Edge) && one.Told.Epoch == epoch && (one.Told.Rule.Standing == state) != waiting)
            .ToDictionary(one => (one.Edge, one.Told.Rule.Rule), one => one.Told.Rule.Revision);
        var ids = told.Keys.Select(key => key.Rule).Distinct().ToList();
        // What was told of an older revision, or by another edge, says nothing of this one.
        var rows = await db.Rules.Where(rule => ids.Contains(rule.Id)).Select(rule => new { rule.Id, rule.EdgeId, rule.Revision }).ToListAsync(cancel);
        var exact = rows.Where(rule => told.TryGetValue((rule.EdgeId, rule.Id), out var revision) && revision == rule.Revision).Select(rule => rule.Id).ToList();
        return waiting ? filter with { Except = exact } : filter with { Among = exact };
    }

    public RuleStatus Of(Rule row, GrantCover? cover, PlanRevision wanted, DateTimeOffset now) => new(
        new DesiredRule(Desire(row, cover, now), row.Revision, cover?.Until),
        Applied(row, wanted.Epoch),
        new RulePlan(wanted.Number, outcomes.AppliedBy(row.EdgeId) is { } applied && applied.Revision.Epoch == wanted.Epoch ? applied.Revision.Number : null),
        Link(row.EdgeId),
        Forwarding(row.Id));

    private static RuleDesire Desire(Rule row, GrantCover? cover, DateTimeOffset now) =>
        !row.Enabled ? RuleDesire.Disabled : row.ExpiresAt <= now ? RuleDesire.Expired : cover is null ? RuleDesire.NotPermitted : RuleDesire.Enabled;

    /// <summary>A word about another revision, or of another epoch, is none about this one.</summary>
    private AppliedRule Applied(Rule row, string epoch)
    {
        if (outcomes.Find(row.EdgeId, row.Id) is not { } told || told.Epoch != epoch)
        {
            return new AppliedRule(s_waiting, null, null, null, null, null, null);
        }

        var rule = told.Rule;
        return rule.Revision == row.Revision
            ? new AppliedRule(rule.Standing, rule.Revision, rule.Refusal, rule.Port, rule.Text, rule.Since, told.At)
            : new AppliedRule(s_waiting, rule.Revision, null, null, null, null, told.At);
    }

    private RuleLink Link(EdgeId edge) => presence.Of(edge).Link is { } link
        ? new RuleLink(link.IsConnected, link.ClosedAt ?? link.OpenedAt)
        : new RuleLink(false, null);

    private RuleForwarding Forwarding(RuleId rule)
    {
        var (state, at) = traffic.Forwarding(rule);
        return new RuleForwarding(state, at);
    }
}

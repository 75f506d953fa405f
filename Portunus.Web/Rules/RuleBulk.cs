using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Web.Audit;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Rules;

/// <summary>What is done to many rules.</summary>
internal enum BulkAction
{
    Enable,
    Disable,
    Delete,
}

/// <summary>A rule that was not done, and why.</summary>
/// <param name="Id">Which.</param>
/// <param name="Name">What it is called; empty where there is no such rule.</param>
/// <param name="Errors">Everything that stood against it.</param>
internal sealed record BulkRefusal(string Id, string Name, IReadOnlyList<BulkError> Errors);

/// <summary>One thing that stood against it.</summary>
internal sealed record BulkError(string Field, string Code, string Message);

/// <summary>What became of many rules.</summary>
/// <param name="Done">Ids of those that changed.</param>
/// <param name="Unchanged">Ids of those that were so already.</param>
/// <param name="Refused">The others.</param>
internal sealed record BulkResult(IReadOnlyList<string> Done, IReadOnlyList<string> Unchanged, IReadOnlyList<BulkRefusal> Refused);

/// <summary>Enables, disables or deletes many rules in one transaction. Each is judged by itself: one that cannot be done does not hold up the others.</summary>
internal sealed class RuleBulk(AuditTrail trail)
{
    /// <summary>The most rules of one request: other writers wait while it runs, a millisecond or two for each.</summary>
    public const int MaxRules = 2000;

    /// <param name="actor">For own rules, or a superadmin for all.</param>
    /// <param name="action">What to do.</param>
    /// <param name="ids">Which; null to go by the filter.</param>
    /// <param name="filter">Which; not looked at where ids are given.</param>
    /// <param name="flows">What their flows do.</param>
    /// <param name="cancel">Gives up, before anything is stored.</param>
    public async Task<Outcome<BulkResult>> RunAsync(
        Actor actor, BulkAction action, IReadOnlyList<RuleId>? ids, RuleFilter filter, FlowsAsked flows, CancellationToken cancel)
    {
        var (done, unchanged, refused) = (new List<string>(), new List<string>(), new List<(AuditSubject Subject, IReadOnlyList<Problem> Problems)>());
        var name = action switch { BulkAction.Enable => "rule.enable", BulkAction.Disable => "rule.disable", _ => "rule.delete" };
        var outcome = await trail.ChangeAsync<Nothing>(actor, name, new AuditSubject("rule"), async change =>
        {
            if (actor.Role is AccountRole.Auditor or null)
            {
                return Problem.Forbidden("role_required", "An auditor reads everything and changes nothing.");
            }

            if (action != BulkAction.Enable && flows.RefusalWhenStopping() is { } refusal)
            {
                return refusal;
            }

            if (await FindAsync(change, ids, filter, refused, cancel) is var found && !found.TryGet(out var rows))
            {
                return found.As<Nothing>();
            }

            foreach (var row in rows)
            {
                if (action != BulkAction.Delete && row.Enabled == (action == BulkAction.Enable))
                {
                    unchanged.Add(row.Id.ToString());
                    continue;
                }

                change.Db.Attach(row);
                var one = action == BulkAction.Delete
                    ? await RuleWriter.RemoveAsync(change, row, flows, cancel)
                    : await SwitchAsync(change, name, row, action == BulkAction.Enable, flows, cancel);
                if (one.IsDone)
                {
                    done.Add(row.Id.ToString());
                    // The next one must see whose port this is now.
                    await change.Db.SaveChangesAsync(cancel);
                }
                else
                {
                    refused.Add((RuleWriter.Subject(row), one.Problems));
                }

                // What is done with is let go: every save looks through everything that the context still holds.
                change.Db.ChangeTracker.Clear();
            }

            change.IsTrial = done.Count == 0;
            return default(Nothing);
        }, cancel);
        if (!outcome.IsDone)
        {
            return outcome.As<BulkResult>();
        }

        await trail.RefuseAsync(actor, name, refused);
        return new BulkResult(done, unchanged, [.. refused.Select(one => new BulkRefusal(
            one.Subject.Id, one.Subject.Name, [.. one.Problems.Select(problem => new BulkError(problem.Field, problem.Code, problem.Text))]))]);
    }

    private static async Task<Outcome<List<Rule>>> FindAsync(
        AuditedChange change, IReadOnlyList<RuleId>? ids, RuleFilter filter, List<(AuditSubject Subject, IReadOnlyList<Problem> Problems)> refused, CancellationToken cancel)
    {
        var visible = RuleFilter.Visible(change.Db, change.Actor);
        if (ids is null)
        {
            if (filter.IsEmpty)
            {
                return new Problem("bulk_empty", "", "Give ids, or a filter that says something.");
            }

            var rows = await filter.Apply(visible, change.Now).AsNoTracking().OrderBy(rule => rule.Id).Take(MaxRules + 1).ToListAsync(cancel);
            return rows.Count > MaxRules ? new Problem("bulk_too_many", "filter", $"The filter means more than {MaxRules} rules; narrow it.") : rows;
        }

        if (ids.Count > MaxRules)
        {
            return new Problem("bulk_too_many", "ids", $"At most {MaxRules} rules at once.");
        }

        var wanted = ids.Distinct().ToList();
        var found = new Dictionary<RuleId, Rule>();
        foreach (var some in wanted.Chunk(500))
        {
            foreach (var row in await visible.AsNoTracking().Where(rule => some.Contains(rule.Id)).ToListAsync(cancel))
            {
                found[row.Id] = row;
            }
        }

        foreach (var id in wanted.Where(id => !found.ContainsKey(id)))
        {
            refused.Add((new AuditSubject("rule", id.ToString()), [Problem.NotFound("rule")]));
        }

        return wanted.Where(found.ContainsKey).Select(id => found[id]).ToList();
    }

    private static async Task<Outcome<Nothing>> SwitchAsync(AuditedChange change, string action, Rule row, bool enabled, FlowsAsked flows, CancellationToken cancel) =>
        RuleWriter.Asked(row) is { } asked
            ? await RuleWriter.ApplyAsync(change, action, row, asked with { Spec = asked.Spec with { Enabled = enabled } }, flows, cancel)
            : RuleWriter.Unreadable();
}

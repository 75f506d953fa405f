using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Shared.Rules;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Edges;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Rules;

/// <summary>
/// Creates, changes and removes rules. Whether the edge is there plays no part: the rule is stored, the plan's revision raised, and
/// the edge converges on it when it can. Rules of others do not exist for a tenant.
/// </summary>
internal sealed class RuleWriter(AuditTrail trail, RuleReader reader)
{
    /// <summary>Stores a new rule.</summary>
    public Task<Outcome<RuleView>> CreateAsync(Actor actor, RuleAsked asked, CancellationToken cancel) =>
        trail.ChangeAsync<RuleView>(actor, "rule.create", new AuditSubject("rule", "", asked.Spec.Name ?? ""), change => CreateAsync(change, asked, cancel), cancel);

    /// <summary>Stores a new rule like another one.</summary>
    /// <param name="actor">Who may read that rule.</param>
    /// <param name="id">The other one.</param>
    /// <param name="edit">From what that is, without its name and disabled, to what the new one shall be.</param>
    /// <param name="cancel">Gives up.</param>
    public Task<Outcome<RuleView>> CloneAsync(Actor actor, RuleId id, Func<RuleAsked, Outcome<RuleAsked>> edit, CancellationToken cancel) =>
        trail.ChangeAsync<RuleView>(actor, "rule.create", new AuditSubject("rule", id.ToString()), async change =>
        {
            if (await FindAsync(change, id, null, cancel) is var found && !found.TryGet(out var row))
            {
                return found.As<RuleView>();
            }

            if (Asked(row) is not { } original)
            {
                return Unreadable();
            }

            // Two rules of one name, or both on the port, would be refused before the caller could say what differs.
            var edited = edit(original with { Spec = original.Spec with { Name = null, Enabled = false } });
            return edited.TryGet(out var asked) ? await CreateAsync(change, asked, cancel) : edited.As<RuleView>();
        }, cancel);

    /// <summary>Changes any field but the edge.</summary>
    /// <param name="actor">Its owner, or a superadmin.</param>
    /// <param name="id">Which.</param>
    /// <param name="revision">That was read; null for whatever is stored.</param>
    /// <param name="edit">From what it is to what it shall be.</param>
    /// <param name="flows">What flows opened before do.</param>
    /// <param name="cancel">Gives up.</param>
    public Task<Outcome<RuleView>> ChangeAsync(
        Actor actor, RuleId id, long? revision, Func<RuleAsked, Outcome<RuleAsked>> edit, FlowsAsked flows, CancellationToken cancel) =>
        trail.ChangeAsync<RuleView>(actor, "rule.change", new AuditSubject("rule", id.ToString()), async change =>
        {
            if (await FindAsync(change, id, revision, cancel) is var found && !found.TryGet(out var row))
            {
                return found.As<RuleView>();
            }

            if (Asked(row) is not { } original)
            {
                return Unreadable();
            }

            var edited = edit(original);
            if (!edited.TryGet(out var asked))
            {
                return edited.As<RuleView>();
            }

            var changed = await ApplyAsync(change, "rule.change", row, asked, flows, cancel);
            return changed.IsDone ? (await reader.ViewsAsync(change.Db, [row], change.Now, cancel))[0] : changed.As<RuleView>();
        }, cancel);

    /// <summary>Removes a rule; a tombstone stays in the plan until its edge has reported it stopped.</summary>
    public Task<Outcome<Nothing>> DeleteAsync(Actor actor, RuleId id, long? revision, FlowsAsked flows, CancellationToken cancel) =>
        trail.ChangeAsync<Nothing>(actor, "rule.delete", new AuditSubject("rule", id.ToString()), async change =>
        {
            var found = await FindAsync(change, id, revision, cancel);
            return found.TryGet(out var row) ? await RemoveAsync(change, row, flows, cancel) : found.As<Nothing>();
        }, cancel);

    /// <summary>The row, where the actor may change it.</summary>
    internal static async Task<Outcome<Rule>> FindAsync(AuditedChange change, RuleId id, long? revision, CancellationToken cancel)
    {
        if (await RuleFilter.Visible(change.Db, change.Actor).SingleOrDefaultAsync(rule => rule.Id == id, cancel) is not { } row)
        {
            return Problem.NotFound("rule");
        }

        change.Subject = Subject(row);
        if (NeedsOwner(change.Actor, row.OwnerId) is { } refusal)
        {
            return refusal;
        }

        return revision is { } expected && expected != row.Revision ? Problem.Stale(expected, row.Revision) : row;
    }

    /// <summary>A stored rule becomes what was asked.</summary>
    internal static async Task<Outcome<Nothing>> ApplyAsync(AuditedChange change, string action, Rule row, RuleAsked asked, FlowsAsked flows, CancellationToken cancel)
    {
        var owner = asked.Owner ?? row.OwnerId;
        if (asked.Edge != row.EdgeId)
        {
            return new Problem("edge_fixed", "edge", "A rule stays on its edge; clone it to have it on another one.");
        }

        if (owner != row.OwnerId && !change.Actor.IsSuperadmin)
        {
            return OwnerForbidden();
        }

        var isStopping = row.Enabled && asked.Spec.Enabled == false;
        if (isStopping && flows.RefusalWhenStopping() is { } refusal)
        {
            return refusal;
        }

        var before = RuleTold.Json(row);
        var wanted = new Rule { Id = row.Id, EdgeId = row.EdgeId, OwnerId = owner };
        if (await RuleDecision.DecideAsync(change, wanted, asked.Spec, row, cancel) is var decided && !decided.TryGet(out var rule))
        {
            return decided.As<Nothing>();
        }

        if (owner != row.OwnerId)
        {
            await RuleLedger.KeepOwnerAsync(change.Db, row, change.Now, cancel);
        }

        row.OwnerId = owner;
        RuleRows.Write(row, asked.Spec, rule);
        row.Revision++;
        row.ChangedAt = change.Now;
        Order(row, flows.Kind ?? (isStopping ? FlowsKind.Drain : FlowsKind.Keep), change.Now + flows.Deadline);
        change.Subject = Subject(row);
        change.Tell(action, Subject(row), before, RuleTold.Json(row));
        await PlanRevisions.RaiseAsync(change.Db, [row.EdgeId], change.Now, cancel);
        return default(Nothing);
    }

    /// <summary>A stored rule goes.</summary>
    internal static async Task<Outcome<Nothing>> RemoveAsync(AuditedChange change, Rule row, FlowsAsked flows, CancellationToken cancel)
    {
        if (flows.RefusalWhenStopping() is { } refusal)
        {
            return refusal;
        }

        await RuleLedger.KeepOwnerAsync(change.Db, row, change.Now, cancel);
        change.Db.Rules.Remove(row);
        change.Db.RuleTombstones.Add(new RuleTombstone
        {
            RuleId = row.Id,
            EdgeId = row.EdgeId,
            Revision = row.Revision + 1,
            DrainUntil = flows.Kind == FlowsKind.Cut ? null : change.Now + flows.Deadline,
            RemovedAt = change.Now,
        });
        change.Tell("rule.delete", Subject(row), RuleTold.Json(row));
        await PlanRevisions.RaiseAsync(change.Db, [row.EdgeId], change.Now, cancel);
        return default(Nothing);
    }

    /// <summary>The row as a request would spell it; null where an older version wrote what this one cannot read.</summary>
    internal static RuleAsked? Asked(Rule row) => RuleRows.Spec(row) is { } spec ? new RuleAsked(row.EdgeId, row.OwnerId, spec) : null;

    internal static Problem Unreadable() =>
        Problem.Conflict("rule_unreadable", "", "This version cannot read the stored rule; it can only be deleted.");

    internal static AuditSubject Subject(Rule row) => new("rule", row.Id.ToString(), row.Name);

    private async Task<Outcome<RuleView>> CreateAsync(AuditedChange change, RuleAsked asked, CancellationToken cancel)
    {
        var actor = change.Actor;
        if ((asked.Owner ?? actor.Id) is not { } owner)
        {
            return new Problem("owner_missing", "owner", "Say whose rule it is.");
        }

        if (NeedsOwner(actor, owner) is { } refusal)
        {
            return refusal;
        }

        if (await EdgeSight.Visible(change.Db, actor).SingleOrDefaultAsync(one => one.Id == asked.Edge, cancel) is not { } edge)
        {
            return Problem.NotFound("edge") with { Field = "edge" };
        }

        var row = new Rule { Id = RuleId.New(), EdgeId = edge.Id, OwnerId = owner, CreatedAt = change.Now, ChangedAt = change.Now };
        if (await RuleDecision.DecideAsync(change, row, asked.Spec, null, cancel) is var decided && !decided.TryGet(out var rule))
        {
            return decided.As<RuleView>();
        }

        RuleRows.Write(row, asked.Spec, rule);
        change.Db.Rules.Add(row);
        change.Tell("rule.create", Subject(row), null, RuleTold.Json(row));
        await PlanRevisions.RaiseAsync(change.Db, [edge.Id], change.Now, cancel);
        return (await reader.ViewsAsync(change.Db, [row], change.Now, cancel))[0];
    }

    /// <summary>Auditors change nothing, tenants own rules only; another owner's id is refused whether or not it exists.</summary>
    private static Problem? NeedsOwner(Actor actor, AccountId owner) => actor.Role switch
    {
        AccountRole.Superadmin => null,
        AccountRole.User when owner == actor.Id => null,
        AccountRole.User => OwnerForbidden(),
        _ => Problem.Forbidden("role_required", "An auditor reads everything and changes nothing."),
    };

    private static Problem OwnerForbidden() => new("owner_forbidden", "owner", "Only a superadmin may name another owner.", ProblemKind.Forbidden);

    private static void Order(Rule row, FlowsKind kind, DateTimeOffset deadline)
    {
        switch (kind)
        {
            case FlowsKind.Cut:
                row.CutBefore = row.Revision;
                break;
            case FlowsKind.Drain:
                row.DrainBefore = row.Revision;
                row.DrainUntil = deadline;
                break;
            default:
                // What an earlier change ordered for flows older still goes on to hold.
                break;
        }
    }
}

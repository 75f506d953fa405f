using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Shared.Rules;
using Portunus.Web.Api;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Edges;

/// <summary>Limits of an owner over all own rules on one edge, and who owns rules there.</summary>
internal sealed class OwnerLimits(AuditTrail trail, IDbContextFactory<PortunusDb> factory)
{
    /// <summary>Everybody who owns rules on the edge or has limits there, by account id.</summary>
    public async Task<Outcome<Page<EdgeOwnerView>>> ListAsync(Actor actor, EdgeId edge, PageAsked asked, CancellationToken cancel)
    {
        if (actor.NeedsOverseer() is { } refusal)
        {
            return refusal;
        }

        await using var db = await factory.CreateDbContextAsync(cancel);
        if (!await db.Edges.AnyAsync(row => row.Id == edge, cancel))
        {
            return Problem.NotFound("edge");
        }

        var accounts = db.Accounts.AsNoTracking().Where(account =>
            db.Rules.Any(rule => rule.EdgeId == edge && rule.OwnerId == account.Id) || db.OwnerLimits.Any(limit => limit.EdgeId == edge && limit.AccountId == account.Id));
        if (asked.After is { } after)
        {
            if (!AccountId.TryParse(after[0], out var last))
            {
                return new Problem("cursor_malformed", "cursor", "cursor must be what \"next\" of the page before said.");
            }

            accounts = accounts.Where(account => account.Id > last);
        }

        var rows = await accounts.OrderBy(account => account.Id).Take(asked.Limit + 1)
            .Select(account => new { account.Id, account.UserName, Rules = db.Rules.Count(rule => rule.EdgeId == edge && rule.OwnerId == account.Id) })
            .ToListAsync(cancel);
        var shown = rows.Take(asked.Limit).ToList();
        var ids = shown.ConvertAll(row => row.Id);
        var limits = await db.OwnerLimits.AsNoTracking().Where(limit => limit.EdgeId == edge && ids.Contains(limit.AccountId)).ToDictionaryAsync(limit => limit.AccountId, cancel);
        var items = shown.ConvertAll(row => new EdgeOwnerView(
            row.Id.ToString(), row.UserName ?? "", row.Rules, limits.TryGetValue(row.Id, out var limit) ? OwnerLimitRows.Spec(limit) : null));
        return new Page<EdgeOwnerView>(items, rows.Count > asked.Limit ? Cursor.Write(items[^1].Account) : null);
    }

    /// <summary>An owner may read own limits; whoever is not set any has none.</summary>
    public async Task<Outcome<OwnerLimitView>> GetAsync(Actor actor, EdgeId edge, AccountId account, CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        var mayKnow = (actor.IsOverseer || actor.Id == account)
            && await EdgeSight.Visible(db, actor).AnyAsync(row => row.Id == edge, cancel);
        if (!mayKnow)
        {
            return Problem.NotFound("edge");
        }

        return await db.OwnerLimits.AsNoTracking().SingleOrDefaultAsync(limit => limit.EdgeId == edge && limit.AccountId == account, cancel) is { } row
            ? OwnerLimitView.Of(row)
            : Problem.NotFound("owner_limits");
    }

    /// <summary>Sets all of them: what is left out is no longer limited.</summary>
    /// <param name="actor">A superadmin.</param>
    /// <param name="edge">Where.</param>
    /// <param name="account">Whose.</param>
    /// <param name="revision">That was read; null for whatever is stored, nothing included.</param>
    /// <param name="limits">At least one.</param>
    /// <param name="cancel">Gives up.</param>
    public Task<Outcome<OwnerLimitView>> SetAsync(Actor actor, EdgeId edge, AccountId account, long? revision, LimitSpec limits, CancellationToken cancel) =>
        trail.ChangeAsync<OwnerLimitView>(actor, "edge.owner_limits.set", new AuditSubject("edge", edge.ToString()), async change =>
        {
            if (await EdgeWriter.FindAsync(change, edge, null, cancel) is var found && !found.TryGet(out var row))
            {
                return found.As<OwnerLimitView>();
            }

            var db = change.Db;
            if (!await db.Accounts.AnyAsync(one => one.Id == account, cancel))
            {
                return Problem.NotFound("account");
            }

            var stored = await db.OwnerLimits.SingleOrDefaultAsync(limit => limit.EdgeId == edge && limit.AccountId == account, cancel);
            if (revision is { } expected && expected != (stored?.Revision ?? 0))
            {
                return Problem.Stale(expected, stored?.Revision ?? 0);
            }

            if (Check(limits) is { Count: > 0 } problems)
            {
                return problems;
            }

            var before = stored is null ? null : OwnerLimitRows.Spec(stored);
            if (stored is null)
            {
                stored = new OwnerLimit { EdgeId = edge, AccountId = account };
                db.OwnerLimits.Add(stored);
            }
            else
            {
                stored.Revision++;
            }

            OwnerLimitRows.Write(stored, limits);
            stored.ChangedAt = change.Now;
            change.Tell("edge.owner_limits.set", EdgeWriter.Subject(row), Told(account, before), Told(account, limits));
            await PlanRevisions.RaiseAsync(db, [edge], change.Now, cancel);
            return OwnerLimitView.Of(stored);
        }, cancel);

    /// <summary>Takes all of them away.</summary>
    public Task<Outcome<Nothing>> ClearAsync(Actor actor, EdgeId edge, AccountId account, long? revision, CancellationToken cancel) =>
        trail.ChangeAsync<Nothing>(actor, "edge.owner_limits.clear", new AuditSubject("edge", edge.ToString()), async change =>
        {
            if (await EdgeWriter.FindAsync(change, edge, null, cancel) is var found && !found.TryGet(out var row))
            {
                return found.As<Nothing>();
            }

            if (await change.Db.OwnerLimits.SingleOrDefaultAsync(limit => limit.EdgeId == edge && limit.AccountId == account, cancel) is not { } stored)
            {
                return Problem.NotFound("owner_limits");
            }

            if (revision is { } expected && expected != stored.Revision)
            {
                return Problem.Stale(expected, stored.Revision);
            }

            change.Db.OwnerLimits.Remove(stored);
            change.Tell("edge.owner_limits.clear", EdgeWriter.Subject(row), Told(account, OwnerLimitRows.Spec(stored)));
            await PlanRevisions.RaiseAsync(change.Db, [edge], change.Now, cancel);
            return default(Nothing);
        }, cancel);

    private static List<Problem> Check(LimitSpec limits)
    {
        if (limits == LimitSpec.None)
        {
            return [new Problem("limits_empty", "", "Give at least one limit; to take all away, delete them.")];
        }

        // The fields stand at the top of the body, not in an object of their own.
        return [.. LimitCheck.Check(limits).Select(problem => new Problem(
            problem.Code, problem.Field.Replace("limits.", "", StringComparison.Ordinal), problem.Text.Replace("limits.", "", StringComparison.Ordinal)))];
    }

    private static object? Told(AccountId account, LimitSpec? limits) => limits is null ? null : new { Account = account.ToString(), Limits = limits };
}

using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Grants;

/// <summary>
/// Adds, edits and revokes grants. What loses its grant stops on the edge at once, and whoever asks for the change is told which
/// rules these are, with <c>isTrial</c> before anything is done.
/// </summary>
internal sealed class GrantWriter(AuditTrail trail)
{
    /// <summary>All of an account's grants are read wherever one of its rules is judged.</summary>
    public const int MaxPerAccount = 500;

    public Task<Outcome<GrantEffect>> CreateAsync(Actor actor, GrantFields fields, CancellationToken cancel) =>
        trail.ChangeAsync<GrantEffect>(actor, "grant.create", new AuditSubject("grant"), async change =>
        {
            if (actor.NeedsSuperadmin() is { } refusal)
            {
                return refusal;
            }

            var problems = new List<Problem>();
            var row = new Grant { Id = GrantId.New(), CreatedAt = change.Now };
            GrantFieldsCheck.Apply(fields, row, problems);
            CheckEnd(row, change.Now, problems);
            await CheckAccountAsync(change.Db, fields, row, problems, cancel);
            await CheckEdgeAsync(change.Db, row, problems, cancel);
            if (problems.Count == 0 && await change.Db.Grants.CountAsync(grant => grant.AccountId == row.AccountId, cancel) >= MaxPerAccount)
            {
                problems.Add(Problem.Conflict("grant_limit", "account", $"An account has at most {MaxPerAccount} grants; revoke one first, or widen one."));
            }

            return problems.Count > 0 ? problems : await SaveAsync(change, "grant.create", row, null, cancel);
        }, cancel);

    /// <param name="actor">A superadmin.</param>
    /// <param name="id">Which.</param>
    /// <param name="revision">That was read; null for whatever is stored.</param>
    /// <param name="edit">From what it is to what it shall be; the account stays.</param>
    /// <param name="isTrial">Only tells what would happen.</param>
    /// <param name="cancel">Gives up.</param>
    public Task<Outcome<GrantEffect>> ChangeAsync(
        Actor actor, GrantId id, long? revision, Func<GrantFields, Outcome<GrantFields>> edit, bool isTrial, CancellationToken cancel) =>
        trail.ChangeAsync<GrantEffect>(actor, "grant.change", new AuditSubject("grant", id.ToString()), async change =>
        {
            if (await FindAsync(change, id, revision, cancel) is var found && !found.TryGet(out var row))
            {
                return found.As<GrantEffect>();
            }

            if (edit(GrantView.Asked(row)) is var edited && !edited.TryGet(out var fields))
            {
                return edited.As<GrantEffect>();
            }

            var problems = new List<Problem>();
            var (before, end) = (Copy(row), row.ExpiresAt);
            GrantFieldsCheck.Apply(fields, row, problems);
            if (row.ExpiresAt != end)
            {
                CheckEnd(row, change.Now, problems);
            }

            if (fields.Account != row.AccountId.ToString())
            {
                problems.Add(new Problem("account_fixed", "account", "A grant stays with its account; add another one."));
            }

            await CheckEdgeAsync(change.Db, row, problems, cancel);
            if (problems.Count > 0)
            {
                return problems;
            }

            change.IsTrial = isTrial;
            return await SaveAsync(change, "grant.change", row, before, cancel);
        }, cancel);

    /// <summary>Takes a grant back.</summary>
    public Task<Outcome<GrantEffect>> RevokeAsync(Actor actor, GrantId id, long? revision, bool isTrial, CancellationToken cancel) =>
        trail.ChangeAsync<GrantEffect>(actor, "grant.revoke", new AuditSubject("grant", id.ToString()), async change =>
        {
            if (await FindAsync(change, id, revision, cancel) is var found && !found.TryGet(out var row))
            {
                return found.As<GrantEffect>();
            }

            change.IsTrial = isTrial;
            return await SaveAsync(change, "grant.revoke", null, row, cancel);
        }, cancel);

    private static async Task<Outcome<Grant>> FindAsync(AuditedChange change, GrantId id, long? revision, CancellationToken cancel)
    {
        if (change.Actor.NeedsSuperadmin() is { } refusal)
        {
            return refusal;
        }

        if (await change.Db.Grants.SingleOrDefaultAsync(grant => grant.Id == id, cancel) is not { } row)
        {
            return Problem.NotFound("grant");
        }

        return revision is { } expected && expected != row.Revision ? Problem.Stale(expected, row.Revision) : row;
    }

    private static void CheckEnd(Grant row, DateTimeOffset now, List<Problem> problems)
    {
        if (row.ExpiresAt <= now)
        {
            problems.Add(new Problem("expires_at_past", "expires_at", "expires_at must lie in the future."));
        }
    }

    private static async Task CheckAccountAsync(PortunusDb db, GrantFields fields, Grant row, List<Problem> problems, CancellationToken cancel)
    {
        if (!AccountId.TryParse(fields.Account, out var id))
        {
            problems.Add(new Problem(fields.Account is null ? "account_missing" : "account_malformed", "account", "account must be the id of an account."));
            return;
        }

        row.AccountId = id;
        var role = await db.Accounts.Where(account => account.Id == id).Select(account => (AccountRole?)account.Role).SingleOrDefaultAsync(cancel);
        if (role is null)
        {
            problems.Add(new Problem("account_not_found", "account", "There is no such account."));
        }
        else if (role != AccountRole.User)
        {
            problems.Add(new Problem("grant_needs_user", "account", "Grants are for accounts of role user: superadmins need none and auditors own nothing."));
        }
    }

    private static async Task CheckEdgeAsync(PortunusDb db, Grant row, List<Problem> problems, CancellationToken cancel)
    {
        if (row.EdgeId is { } edge && !await db.Edges.AnyAsync(one => one.Id == edge, cancel))
        {
            problems.Add(new Problem("edge_not_found", "edge", "There is no such edge."));
        }
    }

    /// <param name="change">The change.</param>
    /// <param name="action">What to file it under.</param>
    /// <param name="row">As it shall be; null to revoke.</param>
    /// <param name="before">As it was; null when it is new.</param>
    /// <param name="cancel">Gives up.</param>
    private static async Task<Outcome<GrantEffect>> SaveAsync(AuditedChange change, string action, Grant? row, Grant? before, CancellationToken cancel)
    {
        var (db, now) = (change.Db, change.Now);
        var account = (row ?? before)!.AccountId;
        var rules = await db.Rules.Where(rule => rule.OwnerId == account && rule.Enabled && (rule.ExpiresAt == null || rule.ExpiresAt > now)).ToListAsync(cancel);
        var others = await db.Grants.AsNoTracking().Where(grant => grant.AccountId == account && grant.Id != (row ?? before)!.Id).ToListAsync(cancel);
        var permitsBefore = Permits(account, before is null ? others : [.. others, before], now);
        var permitsAfter = Permits(account, row is null ? others : [.. others, row], now);
        var stopped = rules.FindAll(rule => permitsBefore.Of(rule) is not null && permitsAfter.Of(rule) is null);
        var resumed = rules.FindAll(rule => permitsBefore.Of(rule) is null && permitsAfter.Of(rule) is not null);
        var touched = rules.Where(rule => permitsBefore.Of(rule) != permitsAfter.Of(rule)).Select(rule => rule.EdgeId).ToList();

        if (row is null)
        {
            db.Grants.Remove(before!);
        }
        else
        {
            row.ChangedAt = now;
            if (before is null)
            {
                db.Grants.Add(row);
            }
            else
            {
                row.Revision++;
            }
        }

        // Seen by the search for who holds a port.
        await db.SaveChangesAsync(cancel);
        var accountName = await db.Accounts.Where(one => one.Id == account).Select(one => one.UserName).SingleAsync(cancel) ?? "";
        var subject = new AuditSubject("grant", (row ?? before)!.Id.ToString(), accountName);
        change.Subject = subject;
        change.Tell(action, subject, before is null ? null : GrantView.Asked(before), row is null ? null : GrantView.Asked(row));
        var disabled = await TakenPorts.DisableAsync(change, resumed, cancel);
        await PlanRevisions.RaiseAsync(db, touched, now, cancel);
        var edgeName = row?.EdgeId is { } edge ? await db.Edges.Where(one => one.Id == edge).Select(one => one.Name).SingleAsync(cancel) : null;
        return new GrantEffect(
            row is null ? null : GrantView.Of(row, accountName, edgeName, now),
            [.. stopped.Select(RuleRef.Of)], [.. resumed.Except(disabled).Select(RuleRef.Of)], [.. disabled.Select(RuleRef.Of)]);
    }

    private static RulePermits Permits(AccountId account, IEnumerable<Grant> grants, DateTimeOffset now) =>
        RulePermits.From([(account, AccountRole.User, false)], grants, now);

    private static Grant Copy(Grant row) => new()
    {
        Id = row.Id,
        AccountId = row.AccountId,
        EdgeId = row.EdgeId,
        FirstPort = row.FirstPort,
        LastPort = row.LastPort,
        Tcp = row.Tcp,
        Udp = row.Udp,
        LocalTargets = row.LocalTargets,
        ExpiresAt = row.ExpiresAt,
        Note = row.Note,
        CreatedAt = row.CreatedAt,
        ChangedAt = row.ChangedAt,
        Revision = row.Revision,
    };
}

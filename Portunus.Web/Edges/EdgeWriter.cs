using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Live;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Edges;

/// <summary>Makes, renames, revokes and deletes edges. For superadmins.</summary>
internal sealed class EdgeWriter(AuditTrail trail, EdgeReader reader)
{
    public Task<Outcome<EdgeView>> CreateAsync(Actor actor, EdgeFields asked, CancellationToken cancel) =>
        trail.ChangeAsync<EdgeView>(actor, "edge.create", new AuditSubject("edge", "", asked.Name ?? ""), change =>
        {
            if (actor.NeedsSuperadmin() is { } refusal)
            {
                return Task.FromResult<Outcome<EdgeView>>(refusal);
            }

            if (asked.Check() is var checkedFields && !checkedFields.TryGet(out var fields))
            {
                return Task.FromResult(checkedFields.As<EdgeView>());
            }

            var row = new Edge { Id = EdgeId.New(), CreatedAt = change.Now };
            Apply(row, fields, change.Now);
            change.Db.Edges.Add(row);
            change.Db.EdgeRevisions.Add(new EdgeRevision { EdgeId = row.Id, Number = 1, RaisedAt = change.Now });
            change.Tell("edge.create", Subject(row), null, fields);
            change.Db.Changed.Add(LiveTopic.Of(LiveKind.Edge, row.Id));
            return Task.FromResult<Outcome<EdgeView>>(EdgeView.Of(row, EdgeNow.Unknown, new EdgePlanStanding(1, null, null, 0, 0, 0, 0), 0, seesAll: true));
        }, cancel);

    /// <param name="actor">A superadmin.</param>
    /// <param name="id">Which.</param>
    /// <param name="revision">That was read; null for whatever is stored.</param>
    /// <param name="edit">From what it is to what it shall be.</param>
    /// <param name="cancel">Gives up.</param>
    public Task<Outcome<EdgeView>> ChangeAsync(Actor actor, EdgeId id, long? revision, Func<EdgeFields, Outcome<EdgeFields>> edit, CancellationToken cancel) =>
        trail.ChangeAsync<EdgeView>(actor, "edge.change", new AuditSubject("edge", id.ToString()), async change =>
        {
            if (await FindAsync(change, id, revision, cancel) is var found && !found.TryGet(out var row))
            {
                return found.As<EdgeView>();
            }

            var before = EdgeView.Asked(row);
            if (edit(before) is var edited && !edited.TryGet(out var asked))
            {
                return edited.As<EdgeView>();
            }

            if (asked.Check() is var checkedFields && !checkedFields.TryGet(out var fields))
            {
                return checkedFields.As<EdgeView>();
            }

            Apply(row, fields, change.Now);
            row.Revision++;
            change.Tell("edge.change", Subject(row), before, fields);
            change.Db.Changed.Add(LiveTopic.Of(LiveKind.Edge, id));
            return await ViewAsync(change, row, cancel);
        }, cancel);

    /// <summary>Its link is cut and it stops forwarding when it learns of it; open codes end. Done twice it is done once.</summary>
    public Task<Outcome<EdgeView>> RevokeAsync(Actor actor, EdgeId id, long? revision, CancellationToken cancel) =>
        trail.ChangeAsync<EdgeView>(actor, "edge.revoke", new AuditSubject("edge", id.ToString()), async change =>
        {
            if (await FindAsync(change, id, revision, cancel) is var found && !found.TryGet(out var row))
            {
                return found.As<EdgeView>();
            }

            if (row.RevokedAt is not null)
            {
                change.IsTrial = true;
                return await ViewAsync(change, row, cancel);
            }

            row.RevokedAt = change.Now;
            row.ChangedAt = change.Now;
            row.Revision++;
            foreach (var code in await change.Db.EnrollCodes.Where(EnrollCodes.IsOpenAt(change.Now)).Where(code => code.EdgeId == id).ToListAsync(cancel))
            {
                code.CancelledAt = change.Now;
            }

            change.Tell("edge.revoke", Subject(row));
            TrustChanged(change, id);
            return await ViewAsync(change, row, cancel);
        }, cancel);

    /// <summary>Deletes an edge with its rules, grants, limits and codes; it is remembered only so that it can be told when it asks.</summary>
    /// <param name="actor">A superadmin.</param>
    /// <param name="id">Which.</param>
    /// <param name="revision">That was read; null for whatever is stored.</param>
    /// <param name="isTrial">Only tells what would go.</param>
    /// <param name="cancel">Gives up.</param>
    public Task<Outcome<EdgeRemoval>> DeleteAsync(Actor actor, EdgeId id, long? revision, bool isTrial, CancellationToken cancel) =>
        trail.ChangeAsync<EdgeRemoval>(actor, "edge.delete", new AuditSubject("edge", id.ToString()), async change =>
        {
            if (await FindAsync(change, id, revision, cancel) is var found && !found.TryGet(out var row))
            {
                return found.As<EdgeRemoval>();
            }

            var db = change.Db;
            var rules = await db.Rules.Where(rule => rule.EdgeId == id).OrderBy(rule => rule.Id).ToListAsync(cancel);
            var grants = await db.Grants.Where(grant => grant.EdgeId == id).OrderBy(grant => grant.Id).ToListAsync(cancel);
            var removal = new EdgeRemoval(
                id.ToString(),
                row.Name,
                [.. rules.Select(rule => new RemovedRule(rule.Id.ToString(), rule.Name, rule.OwnerId.ToString()))],
                [.. grants.Select(grant => new RemovedGrant(grant.Id.ToString(), grant.AccountId.ToString()))],
                await db.OwnerLimits.CountAsync(limit => limit.EdgeId == id, cancel),
                await db.EnrollCodes.Where(EnrollCodes.IsOpenAt(change.Now)).CountAsync(code => code.EdgeId == id, cancel));
            change.IsTrial = isTrial;
            if (isTrial)
            {
                return removal;
            }

            foreach (var rule in rules)
            {
                change.Tell("rule.delete", new AuditSubject("rule", rule.Id.ToString(), rule.Name), rule.Spec);
            }

            foreach (var grant in grants)
            {
                change.Tell("grant.revoke", new AuditSubject("grant", grant.Id.ToString()), new { Account = grant.AccountId.ToString(), Edge = id.ToString(), grant.FirstPort, grant.LastPort });
            }

            db.Rules.RemoveRange(rules);
            db.Grants.RemoveRange(grants);
            db.EdgeTombstones.Add(new EdgeTombstone { EdgeId = id, Name = row.Name, CredentialHash = row.CredentialHash, DeletedAt = change.Now });
            change.Tell("edge.delete", Subject(row), EdgeView.Asked(row));
            TrustChanged(change, id);
            // The rules and grants go first: their edge may not go from under them.
            await db.SaveChangesAsync(cancel);
            db.Edges.Remove(row);
            return removal;
        }, cancel);

    /// <summary>The row that a superadmin's change is meant for.</summary>
    internal static async Task<Outcome<Edge>> FindAsync(AuditedChange change, EdgeId id, long? revision, CancellationToken cancel)
    {
        if (change.Actor.NeedsSuperadmin() is { } refusal)
        {
            return refusal;
        }

        if (await change.Db.Edges.SingleOrDefaultAsync(edge => edge.Id == id, cancel) is not { } row)
        {
            return Problem.NotFound("edge");
        }

        change.Subject = Subject(row);
        return revision is { } expected && expected != row.Revision ? Problem.Stale(expected, row.Revision) : row;
    }

    internal static AuditSubject Subject(Edge row) => new("edge", row.Id.ToString(), row.Name);

    private static void TrustChanged(AuditedChange change, EdgeId id)
    {
        change.Db.Changed.Add(LiveTopic.Of(LiveKind.EdgeTrust, id));
        change.Db.Changed.Add(LiveTopic.Of(LiveKind.Edge, id));
    }

    private static void Apply(Edge row, EdgeFields fields, DateTimeOffset now)
    {
        row.Name = fields.Name ?? "";
        row.PublicAddress = fields.PublicAddress;
        row.Note = fields.Note ?? "";
        row.ChangedAt = now;
    }

    private async Task<Outcome<EdgeView>> ViewAsync(AuditedChange change, Edge row, CancellationToken cancel) =>
        (await reader.ViewsAsync(change.Db, change.Actor, [row], cancel))[0];
}

using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Web.Accounts;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Live;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Edges;

/// <summary>A machine that has become an edge.</summary>
/// <param name="Edge">Which.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Credential">What it proves itself with from now on; known to it alone.</param>
internal sealed record EnrolledEdge(EdgeId Edge, string Name, string Credential);

/// <summary>
/// Turns a code into a credential, once. An edge that was enrolled before has another credential from then on, and one that was
/// revoked is trusted again. Whoever tries without a code learns nothing: only the holder of one is told what became of it.
/// </summary>
internal sealed class EnrollRedeeming(AuditTrail trail, IDbContextFactory<PortunusDb> factory)
{
    private const string Action = "edge.enroll";

    private const int MaxHost = 253;
    private const int MaxVersion = 64;

    private static readonly Problem s_unknown = Problem.Forbidden("enroll_code_unknown", "This is no enrolment code of this control plane.");

    private static readonly Problem s_redeemed = Problem.Conflict("enroll_code_redeemed", "", "The enrolment code was used already; make a new one.");

    private static readonly Problem s_cancelled = Problem.Forbidden("enroll_code_cancelled", "The enrolment code was cancelled; make a new one.");

    private static readonly Problem s_expired = Problem.Forbidden("enroll_code_expired", "The enrolment code has expired; make a new one.");

    /// <param name="actor">Nobody yet, with the address it asks from.</param>
    /// <param name="code">From the enrolment line.</param>
    /// <param name="host">Its host name, as it says.</param>
    /// <param name="version">Of its program, as it says.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<Outcome<EnrolledEdge>> RedeemAsync(Actor actor, string code, string host, string version, CancellationToken cancel)
    {
        if (!await IsKnownAsync(code, cancel))
        {
            // Anybody can cause this by the thousand: it takes no turn at the store's one writer but to be counted.
            await trail.RefuseCountedAsync(actor, Action, new AuditSubject("edge"), s_unknown);
            return s_unknown;
        }

        return await TakeAsync(actor, code, host, version, cancel);
    }

    private async Task<bool> IsKnownAsync(string code, CancellationToken cancel)
    {
        if (code.Length is 0 or > Secrets.MaxLength)
        {
            return false;
        }

        var hash = EnrollCodes.Hash(code);
        await using var db = await factory.CreateDbContextAsync(cancel);
        return await db.EnrollCodes.AnyAsync(one => one.Hash == hash, cancel);
    }

    private Task<Outcome<EnrolledEdge>> TakeAsync(Actor actor, string code, string host, string version, CancellationToken cancel) =>
        trail.ChangeAsync<EnrolledEdge>(actor, Action, new AuditSubject("edge"), async change =>
        {
            var db = change.Db;
            var hash = EnrollCodes.Hash(code);
            if (await db.EnrollCodes.SingleOrDefaultAsync(one => one.Hash == hash, cancel) is not { } stored)
            {
                return s_unknown;
            }

            var row = await db.Edges.SingleAsync(edge => edge.Id == stored.EdgeId, cancel);
            change.Subject = EdgeWriter.Subject(row);
            if (Refusal(stored, change.Now) is { } refusal)
            {
                return refusal;
            }

            stored.RedeemedAt = change.Now;
            stored.RedeemedFrom = actor.RemoteAddress;
            var isAgain = row.CredentialHash is not null;
            if (row is { RevokedAt: not null, CredentialHash: { } revoked })
            {
                // The machine that was shut out is told so for good, whoever is this edge now.
                db.EdgeTombstones.Add(new EdgeTombstone { EdgeId = EdgeId.New(), Name = row.Name, CredentialHash = revoked, DeletedAt = change.Now });
            }

            var credential = Secrets.New(EdgeCredentialReader.Prefix);
            row.CredentialHash = Secrets.HashOf(credential);
            row.EnrolledAt = change.Now;
            row.RevokedAt = null;
            row.ChangedAt = change.Now;
            row.Revision++;
            db.Changed.Add(LiveTopic.Of(LiveKind.EdgeTrust, row.Id));
            db.Changed.Add(LiveTopic.Of(LiveKind.Edge, row.Id));
            change.Tell(Action, EdgeWriter.Subject(row), null, new { Code = stored.Id.ToString(), Host = Plain(host, MaxHost), Version = Plain(version, MaxVersion), Superseded = isAgain });
            return new EnrolledEdge(row.Id, row.Name, credential);
        }, cancel);

    private static Problem? Refusal(EnrollCode code, DateTimeOffset now) =>
        code.RedeemedAt is not null ? s_redeemed
        : code.CancelledAt is not null ? s_cancelled
        : code.ExpiresAt <= now ? s_expired
        : null;

    /// <summary>What a stranger says of itself, short and printable.</summary>
    private static string Plain(string text, int length) => new([.. text.Where(one => !char.IsControl(one) && !char.IsSurrogate(one)).Take(length)]);
}

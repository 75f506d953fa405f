using System.Buffers.Text;
using System.Linq.Expressions;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Web.Api;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Database.Ids;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Edges;

/// <summary>Codes by which a machine becomes an edge: 32 random bytes, shown once, kept as a hash, good once and for a short time.</summary>
internal sealed class EnrollCodes(AuditTrail trail, IDbContextFactory<PortunusDb> factory, TimeProvider clock)
{
    public const int DefaultMinutes = 10;

    public const int MaxMinutes = 24 * 60;

    /// <summary>Codes that ended so long ago are forgotten when the next is made.</summary>
    private static readonly TimeSpan s_memory = TimeSpan.FromDays(30);

    public Task<Outcome<NewEnrollCode>> CreateAsync(Actor actor, EdgeId edge, EnrollFields fields, CancellationToken cancel) =>
        trail.ChangeAsync<NewEnrollCode>(actor, "edge.enroll_code.create", new AuditSubject("edge", edge.ToString()), async change =>
        {
            if (await EdgeWriter.FindAsync(change, edge, null, cancel) is var found && !found.TryGet(out var row))
            {
                return found.As<NewEnrollCode>();
            }

            var minutes = fields.Minutes ?? DefaultMinutes;
            if (minutes is < 1 or > MaxMinutes)
            {
                return new Problem("out_of_range", "minutes", $"minutes must be between 1 and {MaxMinutes}; this is {minutes}.");
            }

            var old = change.Now - s_memory;
            await change.Db.EnrollCodes.Where(code => code.EdgeId == edge && code.ExpiresAt < old).ExecuteDeleteAsync(cancel);
            var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
            var stored = new EnrollCode
            {
                Id = EnrollCodeId.New(),
                EdgeId = edge,
                Hash = Hash(secret),
                CreatedAt = change.Now,
                CreatedBy = actor.Id,
                ExpiresAt = change.Now.AddMinutes(minutes),
            };
            change.Db.EnrollCodes.Add(stored);
            change.Tell("edge.enroll_code.create", EdgeWriter.Subject(row), null, new { Id = stored.Id.ToString(), stored.ExpiresAt });
            return new NewEnrollCode(stored.Id.ToString(), edge.ToString(), secret, stored.ExpiresAt);
        }, cancel);

    /// <summary>Those of one edge, newest first; the codes themselves are known to nobody any more.</summary>
    public async Task<Outcome<Page<EnrollCodeView>>> ListAsync(Actor actor, EdgeId edge, PageAsked asked, CancellationToken cancel)
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

        var codes = db.EnrollCodes.AsNoTracking().Where(code => code.EdgeId == edge);
        if (asked.After is { } after)
        {
            if (!EnrollCodeId.TryParse(after[0], out var last))
            {
                return new Problem("cursor_malformed", "cursor", "cursor must be what \"next\" of the page before said.");
            }

            codes = codes.Where(code => code.Id < last);
        }

        var rows = await codes.OrderByDescending(code => code.Id).Take(asked.Limit + 1).ToListAsync(cancel);
        var now = clock.GetUtcNow();
        var items = rows.Take(asked.Limit).Select(row => EnrollCodeView.Of(row, now)).ToList();
        return new Page<EnrollCodeView>(items, rows.Count > asked.Limit ? Cursor.Write(items[^1].Id) : null);
    }

    /// <summary>Ends an open code; one that was redeemed cannot be taken back, the edge can be revoked.</summary>
    public Task<Outcome<Nothing>> CancelAsync(Actor actor, EdgeId edge, EnrollCodeId id, CancellationToken cancel) =>
        trail.ChangeAsync<Nothing>(actor, "edge.enroll_code.cancel", new AuditSubject("edge", edge.ToString()), async change =>
        {
            if (await EdgeWriter.FindAsync(change, edge, null, cancel) is var found && !found.TryGet(out var row))
            {
                return found.As<Nothing>();
            }

            if (await change.Db.EnrollCodes.SingleOrDefaultAsync(code => code.Id == id && code.EdgeId == edge, cancel) is not { } stored)
            {
                return Problem.NotFound("enroll_code");
            }

            if (stored.RedeemedAt is not null)
            {
                return Problem.Conflict("enroll_code_redeemed", "", "The code was redeemed already; revoke the edge to shut that machine out.");
            }

            if (stored.CancelledAt is not null)
            {
                change.IsTrial = true;
                return default(Nothing);
            }

            stored.CancelledAt = change.Now;
            change.Tell("edge.enroll_code.cancel", EdgeWriter.Subject(row), new { Id = id.ToString() });
            return default(Nothing);
        }, cancel);

    /// <summary>What is kept of a code.</summary>
    internal static byte[] Hash(string code) => SHA256.HashData(Encoding.UTF8.GetBytes(code));

    internal static Expression<Func<EnrollCode, bool>> IsOpenAt(DateTimeOffset now) =>
        code => code.RedeemedAt == null && code.CancelledAt == null && code.ExpiresAt > now;
}

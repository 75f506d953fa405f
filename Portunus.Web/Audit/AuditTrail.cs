using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Portunus.Web.Api;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Audit;

/// <summary>
/// Every change and every refusal leaves one entry. A change runs inside <see cref="ChangeAsync"/>: its entry is part of its
/// transaction, so neither is there without the other; a refusal rolls everything back and is written on its own.
/// </summary>
internal sealed class AuditTrail(WriteLane lane, TimeProvider clock)
{
    /// <summary>Longer JSON is cut to a note of its length: an entry tells of a change and is not a copy of the store.</summary>
    public const int MaxJsonLength = 64 * 1024;

    /// <summary>Longer names are cut: what is refused may have been of any length.</summary>
    public const int MaxNameLength = 128;

    private const string PasswordAction = "account.password.change";

    private readonly RefusalCounts _counts = new();

    /// <summary>
    /// Runs one change in one write transaction. The work must add at least one entry when it is done, unless it only asked what
    /// would happen (<see cref="AuditedChange.IsTrial"/>).
    /// </summary>
    /// <param name="actor">Who does it; one that may only read, or that owes a new password, is refused before anything runs.</param>
    /// <param name="action">Dotted and stable; what a refusal is filed under.</param>
    /// <param name="subject">What a refusal is about.</param>
    /// <param name="work">Reads what it depends on from the change's context, changes it, and adds the entry.</param>
    /// <param name="cancel">Stops the waiting and the work, never the commit.</param>
    public async Task<Outcome<T>> ChangeAsync<T>(
        Actor actor, string action, AuditSubject subject, Func<AuditedChange, Task<Outcome<T>>> work, CancellationToken cancel)
    {
        if (Barred(actor, action) is { } barred)
        {
            await RefuseAsync(actor, action, subject, [barred]);
            return barred;
        }

        Func<PortunusDb, Task>? keep;
        Outcome<T> refused;
        await using (var write = await lane.BeginAsync(cancel))
        {
            var change = new AuditedChange(write.Db, actor, clock.GetUtcNow());
            var outcome = await work(change);
            if (outcome.IsDone)
            {
                if (change.IsTrial)
                {
                    return outcome;
                }

                if (change.Entries == 0)
                {
                    throw new InvalidOperationException($"{action} was done and left no entry");
                }

                await write.CommitAsync();
                return outcome;
            }

            subject = change.Subject ?? subject;
            keep = change.KeepOnRefusal;
            refused = outcome;
        }

        await RefuseAsync(actor, action, subject, refused.Problems, keep);
        return refused;
    }

    /// <summary>Files a refusal on its own, with what must be kept in spite of it.</summary>
    public async Task RefuseAsync(
        Actor actor, string action, AuditSubject subject, IReadOnlyList<Problem> problems, Func<PortunusDb, Task>? keep = null)
    {
        await using var write = await lane.BeginAsync(CancellationToken.None);
        if (keep is not null)
        {
            await keep(write.Db);
        }

        write.Db.AuditEntries.Add(Refusal(actor, action, subject, problems));
        await write.CommitAsync();
    }

    /// <summary>
    /// Files a refusal that strangers can cause by the thousand: the first of its kind has an entry, and what follows within a quarter
    /// of an hour is counted in that one, as <c>times</c> and <c>last_at</c>. So it stays visible and cannot push everything else out.
    /// </summary>
    public async Task RefuseCountedAsync(Actor actor, string action, AuditSubject subject, Problem problem)
    {
        await using var write = await lane.BeginAsync(CancellationToken.None);
        var now = clock.GetUtcNow();
        var kind = _counts.KindOf(actor, action, subject.Id, problem.Code, now);
        if (_counts.Next(kind) is { } known)
        {
            var told = Json(new { times = known.Times, last_at = now });
            if (await write.Db.AuditEntries.Where(one => one.Seq == known.Seq).ExecuteUpdateAsync(one => one.SetProperty(row => row.After, told)) == 1)
            {
                await write.CommitAsync();
                _counts.Counted(kind, known.Seq, known.Times, now);
                return;
            }
        }

        var entry = Refusal(actor with { RemoteAddress = kind.RemoteAddress }, action, subject, [problem]);
        write.Db.AuditEntries.Add(entry);
        await write.CommitAsync();
        _counts.Counted(kind, entry.Seq, 1, now);
    }

    /// <summary>Files many refusals of one request at once.</summary>
    public async Task RefuseAsync(Actor actor, string action, IReadOnlyCollection<(AuditSubject Subject, IReadOnlyList<Problem> Problems)> refusals)
    {
        if (refusals.Count == 0)
        {
            return;
        }

        await using var write = await lane.BeginAsync(CancellationToken.None);
        write.Db.AuditEntries.AddRange(refusals.Select(one => Refusal(actor, action, one.Subject, one.Problems)));
        await write.CommitAsync();
    }

    internal static AuditEntry Entry(Actor actor, DateTimeOffset now, string action, AuditSubject subject) => new()
    {
        At = now,
        ActorId = actor.Id,
        ActorName = actor.Name,
        ActorRole = actor.Role is { } role ? JsonNamingPolicy.SnakeCaseLower.ConvertName(role.ToString()) : "",
        Via = actor.Via,
        RemoteAddress = actor.RemoteAddress,
        RequestId = actor.RequestId,
        Action = action,
        SubjectKind = subject.Kind,
        SubjectId = subject.Id,
        SubjectName = Short(subject.Name),
    };

    private static string Short(string name) => name.Length <= MaxNameLength ? name
        : name[..(char.IsHighSurrogate(name[MaxNameLength - 1]) ? MaxNameLength - 1 : MaxNameLength)];

    internal static string? Json(object? value)
    {
        if (value is null)
        {
            return null;
        }

        var text = value as string ?? JsonSerializer.Serialize(value, ApiJson.Options);
        return text.Length <= MaxJsonLength ? text : JsonSerializer.Serialize(new { too_long = text.Length });
    }

    private static Problem? Barred(Actor actor, string action)
    {
        if (actor.MustChangePassword && action != PasswordAction)
        {
            return Problem.Forbidden("password_change_required", "This account must choose a new password first.");
        }

        return actor.IsReadOnly ? Problem.Forbidden("scope_required", "This token may only read; a change needs one of scope write.") : null;
    }

    private AuditEntry Refusal(Actor actor, string action, AuditSubject subject, IReadOnlyList<Problem> problems)
    {
        var entry = Entry(actor, clock.GetUtcNow(), action, subject);
        entry.Outcome = AuditOutcome.Refused;
        entry.Reason = string.Join(',', problems.Select(problem => problem.Code).Distinct(StringComparer.Ordinal));
        return entry;
    }
}

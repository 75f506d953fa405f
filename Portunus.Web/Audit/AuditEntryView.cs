using System.Text.Json;
using Portunus.Web.Database.Tables;

namespace Portunus.Web.Audit;

/// <summary>Who did it.</summary>
/// <param name="Id">Of the account; null for nobody, the command line and the program itself.</param>
/// <param name="Name">As it was then; what was typed is never kept for somebody who did not get in.</param>
/// <param name="Role">As it was then; empty for nobody.</param>
/// <param name="Via"><c>cookie</c>, <c>token</c>, <c>local</c>, <c>system</c>; empty for nobody.</param>
/// <param name="RemoteAddress">Empty where nothing came over the network.</param>
internal sealed record AuditActorView(string? Id, string Name, string Role, string Via, string RemoteAddress);

/// <summary>What it was done to.</summary>
internal sealed record AuditSubjectView(string Kind, string Id, string Name);

/// <summary>One entry as it is read.</summary>
/// <param name="Seq">Counts up; never used again.</param>
/// <param name="At">When.</param>
/// <param name="Actor">Who.</param>
/// <param name="Action">Dotted and stable.</param>
/// <param name="Subject">What to.</param>
/// <param name="Outcome">Done or refused.</param>
/// <param name="Reason">Codes of a refusal.</param>
/// <param name="RequestId">As the answer and the log name it.</param>
/// <param name="Before">What it was; null for what was not there.</param>
/// <param name="After">What it is now; null for what has gone.</param>
internal sealed record AuditEntryView(
    long Seq, DateTimeOffset At, AuditActorView Actor, string Action, AuditSubjectView Subject, AuditOutcome Outcome,
    IReadOnlyList<string> Reason, string RequestId, JsonElement? Before, JsonElement? After)
{
    public static AuditEntryView Of(AuditEntry entry) => new(
        entry.Seq,
        entry.At,
        new AuditActorView(entry.ActorId?.ToString(), entry.ActorName, entry.ActorRole, entry.Via, entry.RemoteAddress),
        entry.Action,
        new AuditSubjectView(entry.SubjectKind, entry.SubjectId, entry.SubjectName),
        entry.Outcome,
        entry.Reason.Split(',', StringSplitOptions.RemoveEmptyEntries),
        entry.RequestId,
        Element(entry.Before),
        Element(entry.After));

    private static JsonElement? Element(string? json)
    {
        if (json is null)
        {
            return null;
        }

        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}

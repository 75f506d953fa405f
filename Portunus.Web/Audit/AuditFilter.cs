using Portunus.Shared.Ids;
using Portunus.Web.Api;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Audit;

/// <summary>Which entries are asked for. Everything given must hold.</summary>
internal sealed record AuditFilter
{
    public AccountId? ActorId { get; init; }

    /// <summary>Name of the actor as it was then.</summary>
    public string? ActorName { get; init; }

    /// <summary>An action, or the beginning of some with a trailing <c>*</c>: <c>rule.*</c>.</summary>
    public string? Action { get; init; }

    public string? SubjectKind { get; init; }

    public string? SubjectId { get; init; }

    public AuditOutcome? Outcome { get; init; }

    public string? RequestId { get; init; }

    /// <summary>Not before.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Before, not at.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>From the words of a query; every one that cannot be read is told.</summary>
    /// <param name="actor">An account's id, or a name.</param>
    /// <param name="action">An action or a beginning with <c>*</c>.</param>
    /// <param name="subject">A kind, or <c>kind:id</c>.</param>
    /// <param name="outcome"><c>done</c> or <c>refused</c>.</param>
    /// <param name="since">RFC 3339.</param>
    /// <param name="until">RFC 3339.</param>
    /// <param name="requestId">As an answer's X-Request-Id said.</param>
    public static Outcome<AuditFilter> Read(
        string? actor, string? action, string? subject, string? outcome, string? since, string? until, string? requestId)
    {
        var problems = new List<Problem>();
        var isId = AccountId.TryParse(actor, out var actorId);
        var colon = subject?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        var filter = new AuditFilter
        {
            ActorId = isId ? actorId : null,
            ActorName = isId ? null : actor,
            Action = action,
            SubjectKind = colon < 0 ? subject : subject?[..colon],
            SubjectId = colon < 0 ? null : subject?[(colon + 1)..],
            Outcome = outcome switch { "done" => AuditOutcome.Done, "refused" => AuditOutcome.Refused, _ => null },
            RequestId = requestId,
            Since = Time(since, "since", problems),
            Until = Time(until, "until", problems),
        };
        if (outcome is not null && filter.Outcome is null)
        {
            problems.Add(new Problem("outcome_unknown", "outcome", "outcome must be done or refused."));
        }

        if (filter.Since >= filter.Until)
        {
            problems.Add(new Problem("time_order", "until", "until must be after since."));
        }

        return problems.Count > 0 ? problems : filter;
    }

    private static DateTimeOffset? Time(string? text, string field, List<Problem> problems)
    {
        if (text is null)
        {
            return null;
        }

        if (ApiTime.Parse(text) is { } time)
        {
            return time;
        }

        problems.Add(new Problem("instant_malformed", field, $"{field} must be a time with its offset, for example 2026-03-01T12:00:00Z."));
        return null;
    }
}

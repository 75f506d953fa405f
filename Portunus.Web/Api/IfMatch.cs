using System.Globalization;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Api;

/// <summary>Which revision a change is meant for: the entity tag that reading it answered, or <c>*</c> for whatever is stored.</summary>
internal static class IfMatch
{
    /// <summary>How a change may be refused that must say its revision.</summary>
    public static IReadOnlyList<string> NeededCodes { get; } = ["revision_required", "revision_malformed", "revision_stale"];

    /// <summary>How one may be refused that can say it.</summary>
    public static IReadOnlyList<string> OptionalCodes { get; } = ["revision_malformed", "revision_stale"];

    /// <summary>The same where a caller need not say: nothing is <c>*</c>.</summary>
    public static Outcome<long?> ReadOptional(HttpRequest request) =>
        string.IsNullOrWhiteSpace(request.Headers.IfMatch.ToString()) ? (long?)null : Read(request);

    /// <summary>The revision; null for <c>*</c>; a problem where none is given.</summary>
    public static Outcome<long?> Read(HttpRequest request)
    {
        var text = request.Headers.IfMatch.ToString().Trim();
        if (text.Length == 0)
        {
            return new Problem("revision_required", "", "Say which revision the change is meant for: send the ETag as If-Match, or * for any.", ProblemKind.RevisionRequired);
        }

        if (text == "*")
        {
            return (long?)null;
        }

        var tag = text.StartsWith("W/", StringComparison.Ordinal) ? text[2..] : text;
        return tag.Length > 2 && tag[0] == '"' && tag[^1] == '"'
            && long.TryParse(tag.AsSpan(1, tag.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? revision
            : new Problem("revision_malformed", "", "If-Match must be an ETag as this API answers it, for example \"3\", or *.", ProblemKind.Malformed);
    }
}

using System.Globalization;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Api;

/// <summary>
/// Which revision a change is meant for: the entity tag that reading it answered. One rule for every route that changes something
/// with a revision: where it is given it counts, and nothing or <c>*</c> means whatever is stored.
/// </summary>
internal static class IfMatch
{
    /// <summary>How a change that takes a revision may be refused by it.</summary>
    public static IReadOnlyList<string> Codes { get; } = ["revision_malformed", "revision_stale"];

    /// <summary>The revision; null where any will do.</summary>
    public static Outcome<long?> Read(HttpRequest request)
    {
        var text = request.Headers.IfMatch.ToString().Trim();
        if (text is "" or "*")
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

using Portunus.Shared.Ids;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Api;

/// <summary>Ids in queries: absent is null, and what is no id is told.</summary>
internal static class IdQuery
{
    public static AccountId? Account(string? text, string field, List<Problem> problems) =>
        text is null ? null : AccountId.TryParse(text, out var id) ? id : Tell<AccountId>(field, problems);

    public static EdgeId? Edge(string? text, string field, List<Problem> problems) =>
        text is null ? null : EdgeId.TryParse(text, out var id) ? id : Tell<EdgeId>(field, problems);

    private static T? Tell<T>(string field, List<Problem> problems)
        where T : struct
    {
        problems.Add(new Problem($"{field[(field.LastIndexOf('.') + 1)..]}_malformed", field, $"{field} must be an id."));
        return null;
    }
}

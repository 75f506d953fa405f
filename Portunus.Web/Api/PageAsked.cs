using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Api;

/// <summary>Which page of a list is asked for.</summary>
/// <param name="Limit">At most so many.</param>
/// <param name="After">The last row of the page before, as <see cref="Cursor"/> spells it; null for the first page.</param>
internal sealed record PageAsked(int Limit, IReadOnlyList<string>? After)
{
    public const int DefaultLimit = 100;
    public const int MaxLimit = 1000;

    /// <summary>The first page of the usual length.</summary>
    public static PageAsked First { get; } = new(DefaultLimit, null);

    /// <summary>From the query <c>limit</c> and <c>cursor</c>.</summary>
    /// <param name="limit">1–1000.</param>
    /// <param name="cursor">As <see cref="Page{T}.Next"/> answered it.</param>
    /// <param name="keys">How many keys a row of this list is found by.</param>
    public static Outcome<PageAsked> Read(string? limit, string? cursor, int keys = 1)
    {
        var problems = new List<Problem>();
        var count = DefaultLimit;
        if (limit is not null && (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out count) || count is < 1 or > MaxLimit))
        {
            problems.Add(new Problem("limit_bounds", "limit", $"limit must be between 1 and {MaxLimit}."));
        }

        var after = Cursor.Read(cursor);
        if (cursor is not null && after?.Count != keys)
        {
            problems.Add(new Problem("cursor_malformed", "cursor", "cursor must be what \"next\" of the page before said."));
        }

        return problems.Count > 0 ? problems : new PageAsked(count, after);
    }
}

/// <summary>Where a page ended: the sort keys of its last row. Opaque to callers; a row that has gone meanwhile does no harm.</summary>
internal static class Cursor
{
    public static string Write(params string[] keys) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(keys));

    /// <summary>The keys, or null for what was never written here.</summary>
    public static IReadOnlyList<string>? Read(string? cursor)
    {
        if (cursor is null || cursor.Length > 2000 || !Base64Url.IsValid(cursor))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<string[]>(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor))) is { } keys && Array.TrueForAll(keys, key => key is not null)
                ? keys
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

namespace Portunus.Web.Database;

/// <summary>What people type into a search, as a pattern for LIKE.</summary>
internal static class SearchPattern
{
    /// <summary>Stands before a sign that means itself.</summary>
    public const string Escape = "\\";

    /// <summary>Anything that has <paramref name="text"/> in it, in either case of ASCII letters.</summary>
    public static string Containing(string text) =>
        $"%{text.Trim().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";
}

namespace Portunus.Web.Api;

/// <summary>Queries that several routes take.</summary>
internal static class QueryFlags
{
    /// <summary>Whether a query flag is set: <c>true</c> or <c>1</c>, or the bare name.</summary>
    public static bool IsSet(string? value) => value is "" or "true" or "1";
}

namespace Portunus.Web.Options;

/// <summary>The version of this build, as people and the API read it.</summary>
internal static class WebVersion
{
    /// <summary>For example <c>0.1.0</c>.</summary>
    public static string Text { get; } = typeof(WebVersion).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
}

namespace Portunus.Edge.Options;

/// <summary>The version of this build, as people and metrics read it.</summary>
internal static class EdgeVersion
{
    /// <summary>For example <c>0.1.0</c>.</summary>
    public static string Text { get; } = typeof(EdgeVersion).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
}

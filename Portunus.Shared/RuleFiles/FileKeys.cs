namespace Portunus.Shared.RuleFiles;

/// <summary>The keys that one table of a rule file may have.</summary>
/// <param name="Title">The table as sentences call it: <c>[[rule]]</c>.</param>
/// <param name="Path">Without brackets and numbers: <c>rule.targets</c>; empty for the top of the file.</param>
/// <param name="Names">In the order of the documentation.</param>
internal sealed record FileKeys(string Title, string Path, IReadOnlyList<string> Names)
{
    /// <summary>Older names that still work, with what they are called now.</summary>
    public IReadOnlyDictionary<string, string> OldNames { get; init; } = new Dictionary<string, string>();

    /// <summary>Fields that a rule has elsewhere and a file cannot give, with the reason.</summary>
    public IReadOnlyDictionary<string, string> NotInFiles { get; init; } = new Dictionary<string, string>();
}

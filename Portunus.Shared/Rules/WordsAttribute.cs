namespace Portunus.Shared.Rules;

/// <summary>Told to callers of the API beside the field: the words that a text, or each entry of a list, may be. The checks are the law.</summary>
/// <param name="words">All of them.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class WordsAttribute(params string[] words) : Attribute
{
    /// <summary>All of them.</summary>
    public IReadOnlyList<string> Words { get; } = words;
}

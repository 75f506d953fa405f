using Portunus.Shared.RuleFiles;

namespace Portunus.Edge.Options;

/// <summary>What somebody may have meant who wrote a word that is not known.</summary>
internal static class WordHint
{
    /// <summary>The nearest of the known words as the end of a sentence; empty where none is near.</summary>
    public static string For(string word, IEnumerable<string> known)
    {
        var names = known.ToDictionary(Bare);
        return NearestName.Find(Bare(word), names.Keys) is { } nearest ? $"; did you mean {names[nearest]}?" : "";
    }

    /// <summary>Names are compared as the rule file spells its keys, without dashes.</summary>
    private static string Bare(string name) => name.TrimStart('-').Replace('-', '_');
}

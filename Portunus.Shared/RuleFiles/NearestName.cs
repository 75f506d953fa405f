namespace Portunus.Shared.RuleFiles;

/// <summary>Which known name a misspelt one was probably meant to be.</summary>
public static class NearestName
{
    /// <summary>Shorter words begin too many names.</summary>
    private const int MinStart = 3;

    /// <summary>Longer words are no misspelling of any key.</summary>
    private const int MaxLength = 40;

    /// <summary>
    /// The known name with the fewest letters to add, drop, change or swap with their neighbour, at most a third of its length;
    /// else the shortest name that begins with the word; null when there is none. Case, and <c>-</c> for <c>_</c>, do not count.
    /// </summary>
    public static string? Find(string word, IEnumerable<string> names)
    {
        if (word.Length > MaxLength)
        {
            return null;
        }

        var plain = word.ToLowerInvariant().Replace('-', '_');
        var known = names.ToList();
        string? nearest = null;
        var least = int.MaxValue;
        foreach (var name in known)
        {
            var distance = Distance(plain, name);
            if (distance < least && distance <= Math.Max(1, name.Length / 3))
            {
                (nearest, least) = (name, distance);
            }
        }

        return nearest ?? (plain.Length < MinStart ? null
            : known.Where(name => name.StartsWith(plain, StringComparison.Ordinal)).MinBy(name => name.Length));
    }

    /// <summary>Optimal string alignment: three rows of the usual table.</summary>
    private static int Distance(string one, string other)
    {
        var before = new int[other.Length + 1];
        var above = Enumerable.Range(0, other.Length + 1).ToArray();
        var row = new int[other.Length + 1];
        for (var i = 1; i <= one.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var cost = one[i - 1] == other[j - 1] ? 0 : 1;
                row[j] = Math.Min(Math.Min(above[j] + 1, row[j - 1] + 1), above[j - 1] + cost);
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                {
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
                }
            }

            (before, above, row) = (above, row, before);
        }

        return above[other.Length];
    }
}

using System.Reflection;
using System.Text.RegularExpressions;

namespace Portunus.Web.Shell;

/// <summary>
/// The tables of problem codes in the pages for people. They are part of the program, so that the API's document says what the pages say
/// and nobody writes it twice.
/// </summary>
internal static partial class PageTables
{
    /// <summary>Refusals of the API: what each code means, and with which statuses it is answered.</summary>
    public static IReadOnlyDictionary<string, ApiCode> Api { get; } = Rows("api.md", 3).ToDictionary(
        row => row[0], row => new ApiCode([.. Number().Matches(row[1]).Select(match => int.Parse(match.Value, System.Globalization.CultureInfo.InvariantCulture))], row[2]), StringComparer.Ordinal);

    /// <summary>What may be wrong with the fields of a rule.</summary>
    public static IReadOnlyDictionary<string, string> Rule { get; } = Rows("rules.md", 2).ToDictionary(row => row[0], row => row[1], StringComparer.Ordinal);

    /// <summary>What is known of a code; one that neither page knows is a bug.</summary>
    public static ApiCode Find(string code) => Api.GetValueOrDefault(code)
        ?? (Rule.TryGetValue(code, out var meaning) ? new ApiCode([StatusCodes.Status422UnprocessableEntity], meaning) : throw new InvalidOperationException($"no page says what {code} means"));

    /// <summary>Rows of the tables whose head begins with <c>code</c>.</summary>
    private static IEnumerable<string[]> Rows(string page, int cells)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(page) ?? throw new InvalidOperationException($"{page} is not part of the program");
        using var reader = new StreamReader(stream);
        var isInside = false;
        while (reader.ReadLine() is { } line)
        {
            isInside = line.StartsWith("| code |", StringComparison.Ordinal) || (isInside && line.StartsWith('|'));
            if (isInside && line.StartsWith("| `", StringComparison.Ordinal))
            {
                var row = line.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray();
                if (row.Length != cells)
                {
                    throw new InvalidOperationException($"{page}: a row has {row.Length} cells: {line}");
                }

                row[0] = row[0].Trim('`');
                yield return row;
            }
        }
    }

    [GeneratedRegex("[0-9]{3}")]
    private static partial Regex Number();
}

/// <summary>A code of the API.</summary>
/// <param name="Statuses">With which it is answered.</param>
/// <param name="Meaning">For people.</param>
internal sealed record ApiCode(IReadOnlyList<int> Statuses, string Meaning);

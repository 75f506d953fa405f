using Portunus.Shared.RuleFiles;

namespace Portunus.Web.Options;

/// <summary>What the program was asked: a verb, what follows it, and flags by their names with dashes.</summary>
internal sealed record CommandLine(VerbSpec Verb, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Flags)
{
    /// <summary>Every verb takes these.</summary>
    public static readonly IReadOnlyList<FlagSpec> Common =
    [
        new(WebOptionsReader.DataDirFlag, "DIR", "the folder that holds everything"),
        new("--help", null, "how to call the program"),
        new("--version", null, "the version of the program"),
    ];

    public bool Has(string flag) => Flags.ContainsKey(flag);

    public string? Find(string flag) => Flags.GetValueOrDefault(flag);

    /// <summary>What is asked, or null and every problem as a sentence.</summary>
    public static CommandLine? Read(IReadOnlyList<string> words, IReadOnlyList<VerbSpec> verbs, out IReadOnlyList<string> problems)
    {
        var found = new List<string>();
        problems = found;
        var left = VerbFirst(words);
        var verb = TakeVerb(left, verbs, found);
        var known = verb.Flags.Concat(Common).ToDictionary(flag => flag.Name, StringComparer.Ordinal);
        var flags = new Dictionary<string, string>(StringComparer.Ordinal);
        var arguments = new List<string>();
        while (left.TryDequeue(out var word))
        {
            if (!word.StartsWith('-') || word == "-")
            {
                arguments.Add(word);
                continue;
            }

            TakeFlag(word, left, known, flags, found);
        }

        if (flags.ContainsKey("--help") || flags.ContainsKey("--version"))
        {
            found.Clear();
            return new CommandLine(verb, [], flags);
        }

        if (found.Count == 0 && arguments.Count != verb.Arguments.Count)
        {
            found.Add(verb.Arguments.Count == 0
                ? $"\"{arguments[0]}\" is not a command{Hint(arguments[0], verbs.Select(one => one.Name).Where(name => name.Length > 0))}"
                : $"{verb.Name} needs {string.Join(' ', verb.Arguments)}, and nothing else.");
        }

        return found.Count == 0 ? new CommandLine(verb, arguments, flags) : null;
    }

    /// <summary>Flags that every verb takes may stand before it; which verb it is must be known before any other is read.</summary>
    private static Queue<string> VerbFirst(IReadOnlyList<string> words)
    {
        var before = 0;
        while (before < words.Count && Common.FirstOrDefault(flag => words[before] == flag.Name || words[before].StartsWith($"{flag.Name}=", StringComparison.Ordinal)) is { } flag)
        {
            before += flag.Value is not null && words[before] == flag.Name ? 2 : 1;
        }

        before = Math.Min(before, words.Count);
        return new Queue<string>(words.Skip(before).Concat(words.Take(before)));
    }

    private static VerbSpec TakeVerb(Queue<string> left, IReadOnlyList<VerbSpec> verbs, List<string> problems)
    {
        foreach (var verb in verbs.OrderByDescending(verb => verb.Name.Length))
        {
            var words = verb.Name.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (left.Take(words.Length).SequenceEqual(words))
            {
                for (var i = 0; i < words.Length; i++)
                {
                    left.Dequeue();
                }

                return verb;
            }
        }

        problems.Add("No command fits.");
        return VerbSpec.Serve;
    }

    private static void TakeFlag(string word, Queue<string> left, Dictionary<string, FlagSpec> known, Dictionary<string, string> flags, List<string> problems)
    {
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        var name = (equals < 0 ? word : word[..equals]) switch { "-h" => "--help", "-V" => "--version", var other => other };
        if (!known.TryGetValue(name, out var flag))
        {
            problems.Add($"{name} is not a flag{Hint(name.TrimStart('-'), known.Keys.Select(one => one.TrimStart('-')), "--")}");
            return;
        }

        var value = equals < 0 ? null : word[(equals + 1)..];
        if (flag.Value is null && value is not null)
        {
            problems.Add($"{name} takes no value.");
            return;
        }

        if (flag.Value is not null && value is null && (!left.TryPeek(out var next) || (next.StartsWith('-') && next.Length > 1)))
        {
            problems.Add($"{name} needs a value.");
            return;
        }

        value ??= flag.Value is null ? "" : left.Dequeue();
        if (flag.Value is not null && value.Length == 0)
        {
            problems.Add($"{name} needs a value.");
        }
        else if (!flags.TryAdd(name, value))
        {
            problems.Add($"{name} is given twice.");
        }
    }

    private static string Hint(string word, IEnumerable<string> known, string before = "")
    {
        var names = known.Distinct(StringComparer.Ordinal).ToDictionary(name => name.Replace('-', '_'), StringComparer.Ordinal);
        return NearestName.Find(word, names.Keys) is { } nearest ? $"; did you mean {before}{names[nearest]}?" : ".";
    }
}

using Portunus.Shared.RuleFiles;

namespace Portunus.Edge.Options;

/// <summary>
/// Reads the command line, then the environment for what it leaves open. Our own few lines: a general library costs more at
/// start than everything else the program does before it listens.
/// </summary>
internal sealed class CommandLineReader
{
    public const string FileVariable = "PORTUNUS_CONFIG";
    public const string LogLevelVariable = "PORTUNUS_LOG_LEVEL";
    public const string LogFormatVariable = "PORTUNUS_LOG_FORMAT";
    public const string StatsSocketVariable = "PORTUNUS_STATS_SOCKET";

    /// <summary>Every flag there is, older spellings included.</summary>
    public static readonly IReadOnlyList<string> Flags =
    [
        "--standalone", "--config", "--check", "--log-level", "--log-format", "--no-stats", "--stats-socket", "--socket", "--once",
        "--help", "--version",
    ];

    private static readonly string[] s_verbs = ["check", "stats"];
    private static readonly string[] s_later = ["run", "enroll"];

    private readonly Queue<string> _left;
    private readonly Func<string, string?> _environment;
    private readonly List<string> _problems = [];
    private readonly HashSet<string> _given = [];
    private EdgeVerb? _verb;
    private string? _file;
    private string? _logLevel;
    private string? _logFormat;
    private string? _statsSocket;
    private bool _standalone;
    private bool _check;
    private bool _noStats;
    private bool _once;
    private bool _help;
    private bool _version;

    private CommandLineReader(IEnumerable<string> arguments, Func<string, string?> environment)
    {
        _left = new Queue<string>(arguments);
        _environment = environment;
    }

    /// <summary>
    /// What is asked, or null and every problem as a sentence. <paramref name="environment"/> answers a variable's value, or null.
    /// No arguments at all is a problem too: a program that binds ports does not start by accident.
    /// </summary>
    public static CommandLine? Read(IEnumerable<string> arguments, Func<string, string?> environment, out IReadOnlyList<string> problems)
    {
        var reader = new CommandLineReader(arguments, environment);
        var read = reader.Read();
        problems = reader._problems;
        return problems.Count == 0 ? read : null;
    }

    private CommandLine? Read()
    {
        while (_left.TryDequeue(out var word))
        {
            if (word.StartsWith('-') && word.Length > 1)
            {
                ReadFlag(word);
            }
            else
            {
                ReadWord(word);
            }
        }

        if (_help || _version)
        {
            // Somebody who asks how to call the program is answered, whatever else stands on the line.
            _problems.Clear();
            return new CommandLine { Verb = _help ? EdgeVerb.Help : EdgeVerb.Version };
        }

        return Conclude();
    }

    private void ReadWord(string word)
    {
        if (_verb is null && !_standalone && s_later.Contains(word))
        {
            _problems.Add($"\"{word}\" needs a control plane, which this version does not have; forward from a file with --standalone FILE.");
            _left.Clear();
        }
        else if (_verb is null && word == "check")
        {
            _verb = EdgeVerb.Check;
        }
        else if (_verb is null && word == "stats")
        {
            _verb = EdgeVerb.Stats;
        }
        else if (_verb is EdgeVerb.Check)
        {
            TakeFile(word);
        }
        else
        {
            _problems.Add($"\"{word}\" is not a command{Hint(word, s_verbs)}.");
        }
    }

    private void ReadFlag(string word)
    {
        var equals = word.IndexOf('=');
        var flag = equals < 0 ? word : word[..equals];
        var attached = equals < 0 ? null : word[(equals + 1)..];
        var name = flag switch { "-c" => "--config", "-h" => "--help", "-V" => "--version", _ => flag };
        switch (name)
        {
            case "--standalone":
                _standalone = true;
                // The file may be left out: the flag alone says that the one in this folder is meant.
                if (attached is not null || (_left.TryPeek(out var next) && !next.StartsWith('-')))
                {
                    TakeFile(attached ?? _left.Dequeue());
                }

                break;
            case "--config":
                TakeValue(name, attached, TakeFile);
                break;
            case "--log-level":
                TakeValue(name, attached, value => _logLevel = value);
                break;
            case "--log-format":
                TakeValue(name, attached, value => _logFormat = value);
                break;
            case "--stats-socket" or "--socket":
                TakeValue("--stats-socket", attached, value => _statsSocket = value);
                break;
            case "--check":
                TakeSwitch(name, attached, () => _check = true);
                break;
            case "--no-stats":
                TakeSwitch(name, attached, () => _noStats = true);
                break;
            case "--once":
                TakeSwitch(name, attached, () => _once = true);
                break;
            case "--help":
                TakeSwitch(name, attached, () => _help = true);
                break;
            case "--version":
                TakeSwitch(name, attached, () => _version = true);
                break;
            default:
                _problems.Add($"{flag} is not a flag{Hint(flag, Flags)}.");
                break;
        }
    }

    private void TakeFile(string value)
    {
        if (value.Length == 0)
        {
            _problems.Add("The name of the rule file is empty.");
        }
        else if (_file is not null)
        {
            _problems.Add($"Two rule files are named, {_file} and {value}; one process runs one file.");
        }
        else
        {
            _file = value;
        }
    }

    private void TakeValue(string flag, string? attached, Action<string> take)
    {
        if (attached is null && (!_left.TryPeek(out var next) || (next.StartsWith('-') && next.Length > 1)))
        {
            _problems.Add($"{flag} needs a value.");
            return;
        }

        var value = attached ?? _left.Dequeue();
        if (flag != "--config" && !_given.Add(flag))
        {
            _problems.Add($"{flag} is given twice.");
            return;
        }

        take(value);
    }

    private void TakeSwitch(string flag, string? attached, Action take)
    {
        if (attached is not null)
        {
            _problems.Add($"{flag} takes no value.");
            return;
        }

        take();
    }

    private CommandLine? Conclude()
    {
        if (_problems.Count > 0)
        {
            return null;
        }

        if (_verb is null && !_standalone && _file is null && !_check)
        {
            _problems.Add("Nothing is asked: name a command, or forward from a file with --standalone FILE.");
            return null;
        }

        var verb = _verb ?? (_check ? EdgeVerb.Check : EdgeVerb.Standalone);
        Refuse(_verb is not null && _standalone, $"--standalone does not go with {Word(verb)}.");
        Refuse(_check && _verb is EdgeVerb.Stats, "--check does not go with stats.");
        Refuse(_file is not null && verb == EdgeVerb.Stats, "stats reads from a socket, not from a rule file; name the socket with --stats-socket PATH.");
        Refuse(_once && verb != EdgeVerb.Stats, "--once belongs to stats.");
        Refuse(_noStats && verb == EdgeVerb.Stats, "--no-stats does not go with stats.");
        Refuse(_noStats && _statsSocket is not null, "--no-stats and --stats-socket exclude each other.");
        Refuse(_statsSocket?.Length == 0, "--stats-socket needs a path.");

        return new CommandLine
        {
            Verb = verb,
            File = _file ?? Variable(FileVariable) ?? CommandLine.DefaultFile,
            LogLevel = Parse<Microsoft.Extensions.Logging.LogLevel>(_logLevel, "--log-level", LogLevelVariable, LogWords.TryParseLevel, LogWords.Levels),
            LogFormat = Parse<LogFormat>(_logFormat, "--log-format", LogFormatVariable, LogWords.TryParseFormat, LogWords.Formats),
            NoStats = _noStats,
            StatsSocket = _statsSocket ?? (_noStats ? null : Variable(StatsSocketVariable)),
            Once = _once,
        };
    }

    private delegate bool TryParse<T>(string? word, out T value);

    private T? Parse<T>(string? given, string flag, string variable, TryParse<T> tryParse, string allowed)
        where T : struct
    {
        var word = given ?? Variable(variable);
        if (word is null)
        {
            return null;
        }

        if (tryParse(word, out var value))
        {
            return value;
        }

        _problems.Add($"{(given is null ? variable : flag)} is {allowed}, not \"{word}\".");
        return null;
    }

    /// <summary>An empty variable is as good as none, as everywhere in a shell.</summary>
    private string? Variable(string name) => _environment(name) is { Length: > 0 } value ? value : null;

    private void Refuse(bool wrong, string sentence)
    {
        if (wrong)
        {
            _problems.Add(sentence);
        }
    }

    private static string Word(EdgeVerb verb) => verb == EdgeVerb.Check ? "check" : "stats";

    /// <summary>Names are compared as the rule file spells its keys, without dashes.</summary>
    private static string Hint(string word, IEnumerable<string> known)
    {
        var names = known.ToDictionary(Bare);
        return NearestName.Find(Bare(word), names.Keys) is { } nearest ? $"; did you mean {names[nearest]}?" : "";
    }

    private static string Bare(string name) => name.TrimStart('-').Replace('-', '_');
}

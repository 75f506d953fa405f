using Portunus.Shared.Link;

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
    public const string CredentialsVariable = "PORTUNUS_EDGE_CREDENTIALS";
    public const string EnrollVariable = "PORTUNUS_ENROLL_URI";

    /// <summary>Every flag there is, older spellings included.</summary>
    public static readonly IReadOnlyList<string> Flags =
    [
        "--standalone", "--config", "--check", "--log-level", "--log-format", "--no-stats", "--stats-socket", "--socket", "--once",
        "--credentials", "--state-dir", "--out", "--force",
        "--help", "--version",
    ];

    private static readonly Dictionary<string, EdgeVerb> s_verbs = new()
    {
        ["run"] = EdgeVerb.Run,
        ["enroll"] = EdgeVerb.Enroll,
        ["check"] = EdgeVerb.Check,
        ["stats"] = EdgeVerb.Stats,
    };

    private readonly Queue<string> _left;
    private readonly Func<string, string?> _environment;
    private readonly List<string> _problems = [];
    private readonly HashSet<string> _given = [];
    private EdgeVerb? _verb;
    private string? _file;
    private string? _logLevel;
    private string? _logFormat;
    private string? _statsSocket;
    private string? _enrollLine;
    private string? _credentials;
    private string? _out;
    private string? _stateDirectory;
    private bool _standalone;
    private bool _force;
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
        if (_verb is null && s_verbs.TryGetValue(word, out var verb))
        {
            _verb = verb;
        }
        else if (_verb is EdgeVerb.Enroll && _enrollLine is null)
        {
            _enrollLine = word;
        }
        else if (_verb is EdgeVerb.Check)
        {
            TakeFile(word);
        }
        else
        {
            _problems.Add(_verb is EdgeVerb.Enroll ? "enroll takes one enrolment line." : $"\"{word}\" is not a command{WordHint.For(word, s_verbs.Keys)}.");
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
            case "--credentials":
                TakeValue(name, attached, value => _credentials = value);
                break;
            case "--state-dir":
                TakeValue(name, attached, value => _stateDirectory = value);
                break;
            case "--out":
                TakeValue(name, attached, value => _out = value);
                break;
            case "--force":
                TakeSwitch(name, attached, () => _force = true);
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
                _problems.Add($"{flag} is not a flag{WordHint.For(flag, Flags)}.");
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
        var linked = verb is EdgeVerb.Run or EdgeVerb.Enroll;
        Refuse(_verb is not null && _standalone, $"--standalone does not go with {Word(verb)}.");
        Refuse(_check && _verb is not (null or EdgeVerb.Check), $"--check does not go with {Word(verb)}.");
        Refuse(_file is not null && verb == EdgeVerb.Stats, "stats reads from a socket, not from a rule file; name the socket with --stats-socket PATH.");
        Refuse(_file is not null && linked, $"{(linked ? Word(verb) : "")} takes no rule file: its rules come from the control plane.");
        Refuse(_force && verb != EdgeVerb.Enroll, "--force belongs to enroll.");
        Refuse(_out is not null && verb != EdgeVerb.Enroll, "--out belongs to enroll.");
        Refuse(_out is not null && _credentials is not null, "--out and --credentials name the same file; give one.");
        Refuse(_credentials is not null && !linked, "--credentials belongs to run.");
        Refuse(_stateDirectory is not null && verb != EdgeVerb.Run, "--state-dir belongs to run.");
        Refuse(_credentials?.Length == 0 || _out?.Length == 0, $"{(_out is null ? "--credentials" : "--out")} needs a path.");
        Refuse(_stateDirectory?.Length == 0, "--state-dir needs a path.");
        Refuse((_noStats || _statsSocket is not null) && verb == EdgeVerb.Enroll, "enroll makes no stats socket.");
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
            EnrollUri = verb == EdgeVerb.Enroll ? ReadEnrollLine() : null,
            EnrollLine = verb == EdgeVerb.Run ? Variable(EnrollVariable) : null,
            Force = _force,
            Credentials = _out ?? _credentials ?? Variable(CredentialsVariable),
            StateDirectory = _stateDirectory,
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

    /// <summary>The line of <c>enroll</c>. A wrong one is told without its code.</summary>
    private EnrollUri? ReadEnrollLine()
    {
        var line = _enrollLine ?? Variable(EnrollVariable);
        if (line is null)
        {
            _problems.Add("enroll needs the enrolment line that the control plane printed, in quotation marks.");
            return null;
        }

        if (!EnrollUri.TryParse(line, out var uri, out var problem))
        {
            _problems.Add(_enrollLine is null ? $"{EnrollVariable}: {problem}" : problem);
        }

        return uri;
    }

    private static string Word(EdgeVerb verb) => s_verbs.FirstOrDefault(pair => pair.Value == verb).Key ?? "--standalone";
}

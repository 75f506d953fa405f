using Microsoft.Extensions.Logging;

namespace Portunus.Edge.Options;

/// <summary>The words for levels and formats of the log, on the command line, in the environment and in the rule file.</summary>
internal static class LogWords
{
    /// <summary>For sentences that say what is allowed.</summary>
    public const string Levels = "trace, debug, info, warn or error";

    /// <summary>For sentences that say what is allowed.</summary>
    public const string Formats = "text or json";

    public static bool TryParseLevel(string? word, out LogLevel level)
    {
        (var known, level) = word switch
        {
            "trace" => (true, LogLevel.Trace),
            "debug" => (true, LogLevel.Debug),
            "info" => (true, LogLevel.Information),
            "warn" => (true, LogLevel.Warning),
            "error" => (true, LogLevel.Error),
            _ => (false, LogLevel.Information),
        };
        return known;
    }

    /// <summary><c>pretty</c> is an older name of <c>text</c>.</summary>
    public static bool TryParseFormat(string? word, out LogFormat format)
    {
        (var known, format) = word switch
        {
            "text" or "pretty" => (true, LogFormat.Text),
            "json" => (true, LogFormat.Json),
            _ => (false, LogFormat.Text),
        };
        return known;
    }

    /// <summary>The word a log line carries.</summary>
    public static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        _ => "error",
    };
}

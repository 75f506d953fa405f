using Microsoft.Extensions.Logging;
using Portunus.Edge.Logs;
using Portunus.Edge.Options;
using Portunus.Shared.RuleFiles;

namespace Portunus.Edge.Standalone;

/// <summary>Which level and format the log has: command line and environment first, then the file, then info and text.</summary>
internal static class LogChoice
{
    public static void Apply(LogLines lines, CommandLine asked, GlobalSettings file)
    {
        lines.Level = asked.LogLevel ?? (LogWords.TryParseLevel(file.LogLevel, out var level) ? level : LogLevel.Information);
        lines.Format = asked.LogFormat ?? (LogWords.TryParseFormat(file.LogFormat, out var format) ? format : LogFormat.Text);
        lines.Label = file.Label;
    }
}

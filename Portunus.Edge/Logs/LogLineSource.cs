using Microsoft.Extensions.Logging;

namespace Portunus.Edge.Logs;

/// <summary>The log as one room sees it.</summary>
internal sealed class LogLineSource(LogLines lines, string room) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= lines.Level && logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        var name = $"{room}.{SnakeCase.Of(eventId.Name ?? "event")}";
        lines.Write(new LogEvent(
            lines.Now, logLevel, name, formatter(state, exception), state as IReadOnlyList<KeyValuePair<string, object?>> ?? [], exception));
    }
}

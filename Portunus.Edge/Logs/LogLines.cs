using Microsoft.Extensions.Logging;
using Portunus.Edge.Options;

namespace Portunus.Edge.Logs;

/// <summary>
/// The program's log: one event a line, as text or JSON. Level and format may change while it runs, because a reload may
/// bring others.
/// </summary>
internal sealed class LogLines : ILoggerProvider
{
    private readonly TimeProvider _time;
    private readonly LogLineWriter _writer;
    private volatile LogLevel _level;
    private volatile LogFormat _format;
    private volatile string? _label;

    public LogLines(Stream stream, TimeProvider time, LogLevel level, LogFormat format)
    {
        _time = time;
        _level = level;
        _format = format;
        _writer = new LogLineWriter(stream, LossLine);
    }

    public LogLevel Level
    {
        get => _level;
        set => _level = value;
    }

    public LogFormat Format
    {
        get => _format;
        set => _format = value;
    }

    /// <summary>What the operator calls this edge; stands on every JSON line. Null: nothing.</summary>
    public string? Label
    {
        get => _label;
        set => _label = value;
    }

    /// <summary>A factory with this log behind it and nothing else, so without a container; disposing the factory disposes the log.</summary>
    public LoggerFactory Factory()
    {
        // Added, not given to the constructor: only added ones are disposed with the factory.
        var factory = new LoggerFactory([], new LoggerFilterOptions { MinLevel = LogLevel.Trace });
        factory.AddProvider(this);
        return factory;
    }

    public ILogger CreateLogger(string categoryName) => new LogLineSource(this, RoomOf(categoryName));

    public void Dispose() => _writer.Dispose();

    internal void Write(in LogEvent logged) => _writer.Write(LineOf(logged));

    internal DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>A type speaks as its room, which is the last part of its namespace.</summary>
    private static string RoomOf(string category)
    {
        var parts = category.Split('.');
        return SnakeCase.Of(parts.Length >= 3 ? parts[^2] : parts[^1]);
    }

    private byte[] LossLine(long lost)
    {
        var logged = new LogEvent(Now, LogLevel.Warning, "logs.lines_lost", $"{lost} log lines were lost because nobody read them", [new("Lost", lost)], null);
        return LineOf(logged);
    }

    private byte[] LineOf(in LogEvent logged) => _format == LogFormat.Json ? JsonLine.Of(logged, _label) : TextLine.Of(logged);
}

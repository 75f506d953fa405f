using System.Text.Json;

namespace Portunus.Soaks.Edges;

/// <summary>The edge's log: what it complained of, and its last lines for when something goes wrong.</summary>
internal sealed class EdgeLog
{
    private const int KeptLines = 50;

    private readonly Lock _gate = new();
    private readonly Queue<string> _last = new();
    private readonly List<string> _errors = [];
    private readonly HashSet<string> _awaited = [];

    /// <summary>Lines of level error so far, but those that were to come.</summary>
    public IReadOnlyList<string> Errors
    {
        get
        {
            lock (_gate)
            {
                return [.. _errors];
            }
        }
    }

    public string Last
    {
        get
        {
            lock (_gate)
            {
                return string.Join('\n', _last);
            }
        }
    }

    /// <summary>Errors of these events are part of the run: a file with a mistake is logged as one.</summary>
    public IReadOnlySet<string> ExpectedErrors { get; init; } = new HashSet<string>();

    public void Add(string line)
    {
        lock (_gate)
        {
            _last.Enqueue(line);
            if (_last.Count > KeptLines)
            {
                _last.Dequeue();
            }

            _awaited.RemoveWhere(text => line.Contains(text, StringComparison.Ordinal));
            var (level, name) = Read(line);
            if (level == "error" && !ExpectedErrors.Contains(name))
            {
                _errors.Add(line);
            }
        }
    }

    /// <summary>Begins to look out for a text.</summary>
    public void Await(string text)
    {
        lock (_gate)
        {
            _awaited.Add(text);
        }
    }

    /// <summary>Whether a line had the text since <see cref="Await"/>.</summary>
    public bool HasCome(string text)
    {
        lock (_gate)
        {
            return !_awaited.Contains(text);
        }
    }

    /// <summary>What is no JSON came from the runtime, which writes when a process dies of an exception.</summary>
    private static (string Level, string Event) Read(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return (document.RootElement.GetProperty("level").GetString() ?? "", document.RootElement.GetProperty("event").GetString() ?? "");
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return ("error", "");
        }
    }
}

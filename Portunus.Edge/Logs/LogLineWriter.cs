using System.Collections.Concurrent;

namespace Portunus.Edge.Logs;

/// <summary>
/// Carries finished lines to a stream on a thread of its own. A log that nobody reads (a full pipe, a stopped terminal) must
/// not hold up an event loop, so the queue is bounded and lines that find it full are counted and dropped.
/// </summary>
internal sealed class LogLineWriter : IDisposable
{
    private const int QueueLength = 8192;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly BlockingCollection<byte[]> _lines = new(QueueLength);
    private readonly Stream _stream;
    private readonly Func<long, byte[]> _lossLine;
    private readonly Thread _thread;
    private long _lost;

    /// <param name="stream">Where lines go; not closed here.</param>
    /// <param name="lossLine">The line that says how many were lost.</param>
    public LogLineWriter(Stream stream, Func<long, byte[]> lossLine)
    {
        _stream = stream;
        _lossLine = lossLine;
        _thread = new Thread(Run) { IsBackground = true, Name = "log" };
        _thread.Start();
    }

    /// <summary>Never blocks.</summary>
    public void Write(byte[] line)
    {
        if (_lines.IsAddingCompleted || !TryAdd(line))
        {
            Interlocked.Increment(ref _lost);
        }
    }

    /// <summary>Writes what is queued; gives up after two seconds, for a reader that is gone must not keep the program.</summary>
    public void Dispose()
    {
        if (!_lines.IsAddingCompleted)
        {
            _lines.CompleteAdding();
            _thread.Join(s_patience);
        }
    }

    private bool TryAdd(byte[] line)
    {
        try
        {
            return _lines.TryAdd(line);
        }
        catch (InvalidOperationException)
        {
            // Completed between the question and the add.
            return false;
        }
    }

    private void Run()
    {
        try
        {
            foreach (var line in _lines.GetConsumingEnumerable())
            {
                _stream.Write(line);
                if (Interlocked.Exchange(ref _lost, 0) is > 0 and var lost)
                {
                    _stream.Write(_lossLine(lost));
                }

                if (_lines.Count == 0)
                {
                    _stream.Flush();
                }
            }

            _stream.Flush();
        }
        catch (IOException)
        {
            // Standard error is closed: there is nowhere left to say so, and forwarding goes on without a log.
            _lines.CompleteAdding();
        }
    }
}

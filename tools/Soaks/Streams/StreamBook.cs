using System.Collections.Concurrent;
using Portunus.Soaks.Verdicts;

namespace Portunus.Soaks.Streams;

/// <summary>All streams of a run by their seeds: targets find in it what arrives, and sums are made over it.</summary>
internal sealed class StreamBook(ulong seed, Findings findings)
{
    private readonly ConcurrentDictionary<ulong, CheckedStream> _open = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, RuleTally> _tallies = [];
    private long _next;

    public Findings Findings { get; } = findings;

    /// <summary>Streams opened so far.</summary>
    public long Opened => Volatile.Read(ref _next);

    public CheckedStream Open(string rule, IReadOnlyCollection<string> targets, StreamShape shape, CancellationToken finish)
    {
        var stream = new CheckedStream(Pattern.Mix(seed + (ulong)Interlocked.Increment(ref _next)), rule, targets, shape, Findings, finish);
        _open[stream.Seed] = stream;
        return stream;
    }

    public CheckedStream? Find(ulong seed) => _open.GetValueOrDefault(seed);

    /// <summary>Adds up a stream that has ended.</summary>
    public void Close(CheckedStream stream)
    {
        _open.TryRemove(stream.Seed, out _);
        lock (_gate)
        {
            var tally = _tallies.GetValueOrDefault(stream.Rule);
            _tallies[stream.Rule] = new RuleTally(
                tally.Connected + (stream.IsConnected ? 1 : 0),
                tally.BytesIn + stream.In.Received + (stream.IsConnected ? CheckedStream.HeaderBytes : 0),
                tally.BytesOut + stream.Out.Received);
        }

        stream.Dispose();
    }

    /// <summary>What the closed streams of a rule came to.</summary>
    public RuleTally Of(string rule)
    {
        lock (_gate)
        {
            return _tallies.GetValueOrDefault(rule);
        }
    }

    /// <summary>Bytes that were checked, in closed streams and in those that still run.</summary>
    public long BytesChecked
    {
        get
        {
            lock (_gate)
            {
                return _tallies.Values.Sum(tally => tally.BytesIn + tally.BytesOut) + _open.Values.Sum(stream => stream.In.Received + stream.Out.Received);
            }
        }
    }
}

using BenchmarkDotNet.Attributes;
using Portunus.Edge.Limits;

namespace Portunus.Bench;

/// <summary>What a capped flow pays a turn.</summary>
[MemoryDiagnoser]
public class TokenBucketBench
{
    private const long Chunk = 65_536;
    private readonly TokenBucket _bucket = new(100_000_000, 100_000_000, 0);
    private long _now;

    [Benchmark]
    public long Take() => _bucket.Take(Chunk, _now += TimeSpan.TicksPerMillisecond);

    [Benchmark]
    public long TakeAndReturn()
    {
        var granted = _bucket.Take(Chunk, _now += TimeSpan.TicksPerMillisecond);
        _bucket.Return(granted / 2);
        return granted;
    }

    [Benchmark]
    public long TicksUntil() => _bucket.TicksUntil(Chunk, _now);
}

using Portunus.Shared.Ids;

namespace Portunus.Edge.Metering;

/// <summary>Where records of counters come from and go back to. Grows by segments and never shrinks. Any thread.</summary>
internal sealed class CounterMemory
{
    private readonly Lock _gate = new();
    private readonly Func<CounterSegment?> _grow;
    private readonly Stack<CounterRecord> _free = [];
    private CounterSegment? _last;
    private int _next;

    /// <param name="grow">A segment of a file; null where none is to be had, then the memory is of this process alone. By default it always is.</param>
    public CounterMemory(Func<CounterSegment?>? grow = null) => _grow = grow ?? (() => null);

    /// <summary>An empty record under these names.</summary>
    public CounterRecord Take(RuleId rule, AccountId? owner, int loop)
    {
        lock (_gate)
        {
            var record = _free.Count > 0 ? _free.Pop() : Next();
            record.Begin(rule, owner, loop);
            return record;
        }
    }

    /// <summary>Takes back a record into which nobody counts any more.</summary>
    public void Return(CounterRecord record)
    {
        lock (_gate)
        {
            record.Clear();
            _free.Push(record);
        }
    }

    private CounterRecord Next()
    {
        var bytes = CounterFormat.Current.RecordBytes;
        if (_last is null || _next + bytes > CounterFormat.SegmentBytes)
        {
            _last = _grow() ?? CounterSegment.Anonymous();
            _next = _last.First;
        }

        var record = new CounterRecord(_last, _next);
        _next += bytes;
        return record;
    }
}

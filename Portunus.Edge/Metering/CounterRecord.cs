using Portunus.Shared.Ids;

namespace Portunus.Edge.Metering;

/// <summary>
/// What one loop counts of one rule while one account owns it. One writer, the loop, hence plain numbers; a reader on another thread may
/// see them a moment late, and 64-bit loads do not tear on the machines we run on.
/// </summary>
internal sealed unsafe class CounterRecord
{
    private readonly CounterSegment _segment;

    public CounterRecord(CounterSegment segment, int offset)
    {
        _segment = segment;
        Numbers = (long*)(segment.Address + offset);
    }

    /// <summary>Valid while this object is held.</summary>
    public long* Numbers { get; }

    /// <summary>One of the numbers of <see cref="CounterFormat"/>; any thread.</summary>
    public long Read(int number)
    {
        var value = Volatile.Read(ref Numbers[number]);
        GC.KeepAlive(_segment);
        return value;
    }

    /// <summary>Adds all that only grows to <paramref name="sum"/>, and the open flows to <paramref name="active"/>; any thread.</summary>
    public void AddUp(ref long sum, ref long active)
    {
        active += Read(CounterFormat.FlowsActive);
        for (var i = CounterFormat.BytesIn; i < CounterFormat.Current.Numbers; i++)
        {
            sum += i == CounterFormat.FlowsActive ? 0 : Volatile.Read(ref Numbers[i]);
        }

        GC.KeepAlive(_segment);
    }

    /// <summary>Names what is counted here from now on; the last word makes it one that a reader of the file sees.</summary>
    public void Begin(RuleId rule, AccountId? owner, int loop)
    {
        *(Guid*)&Numbers[CounterFormat.Rule] = rule.Value;
        *(Guid*)&Numbers[CounterFormat.Owner] = owner?.Value ?? Guid.Empty;
        Numbers[CounterFormat.Loop] = loop;
        Numbers[CounterFormat.Check] = CounterFormat.CheckOfRecord(new ReadOnlySpan<byte>(Numbers, CounterFormat.Current.RecordBytes));
        Volatile.Write(ref Numbers[CounterFormat.State], 1);
        GC.KeepAlive(_segment);
    }

    /// <summary>Nobody counts here any more: empty, for another rule.</summary>
    public void Clear()
    {
        Volatile.Write(ref Numbers[CounterFormat.State], 0);
        new Span<byte>(Numbers, CounterFormat.Current.RecordBytes).Clear();
        GC.KeepAlive(_segment);
    }
}

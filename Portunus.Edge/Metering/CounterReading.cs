using Portunus.Shared.Ids;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Metering;

/// <summary>
/// The counters that a process has left behind, by rule and owner. Read as any file is, not mapped: whatever is in it, nothing worse
/// than a reason comes of it.
/// </summary>
/// <param name="Head">What the file says of itself.</param>
/// <param name="Rules">Those that counted anything; nothing of them is open any more.</param>
/// <param name="Damaged">Records that were not whole and are left out.</param>
internal sealed record CounterReading(CounterHead Head, IReadOnlyList<RuleTotals> Rules, int Damaged)
{
    /// <summary>Null, and why, where the file is none of ours or not whole.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static CounterReading? Read(string path, out string problem)
    {
        using var file = File.OpenRead(path);
        var segment = new byte[CounterFormat.SegmentBytes];
        var read = file.ReadAtLeast(segment, segment.Length, throwOnEndOfStream: false);
        if (CounterHead.Read(segment.AsSpan(0, read), out problem) is not { } head)
        {
            return null;
        }

        var sums = new Dictionary<(RuleId, AccountId?), long[]>();
        var damaged = 0;
        var first = CounterFormat.HeadBytes;
        while (read > 0)
        {
            for (var at = first; at + head.Format.RecordBytes <= read; at += head.Format.RecordBytes)
            {
                damaged += Add(segment.AsSpan(at, head.Format.RecordBytes), head.Format, sums) ? 0 : 1;
            }

            first = 0;
            read = file.ReadAtLeast(segment, segment.Length, throwOnEndOfStream: false);
        }

        return new CounterReading(head, [.. sums.Where(pair => pair.Value.Any(value => value != 0)).Select(pair => Totals(pair.Key, pair.Value, head.Format))], damaged);
    }

    /// <summary>False where the record is in use and not whole.</summary>
    private static bool Add(ReadOnlySpan<byte> record, CounterFormat format, Dictionary<(RuleId, AccountId?), long[]> sums)
    {
        var state = CounterFormat.NumberAt(record, CounterFormat.State);
        if (state == 0)
        {
            return true;
        }

        if (state != 1 || CounterFormat.NumberAt(record, CounterFormat.Check) != CounterFormat.CheckOfRecord(record))
        {
            return false;
        }

        var owner = new Guid(record.Slice(CounterFormat.Owner * sizeof(long), 16));
        var key = (new RuleId(new Guid(record.Slice(CounterFormat.Rule * sizeof(long), 16))), owner == Guid.Empty ? (AccountId?)null : new AccountId(owner));
        if (!sums.TryGetValue(key, out var sum))
        {
            sums[key] = sum = new long[format.Numbers];
        }

        for (var i = CounterFormat.BytesIn; i < format.Numbers; i++)
        {
            // Nothing counts down but open flows, and nothing counts to 2^63: that is garbage.
            if (i != CounterFormat.FlowsActive && CounterFormat.NumberAt(record, i) is var counted && (counted < 0 || sum[i] > long.MaxValue - counted))
            {
                return false;
            }
        }

        for (var i = CounterFormat.BytesIn; i < format.Numbers; i++)
        {
            sum[i] += i == CounterFormat.FlowsActive ? 0 : CounterFormat.NumberAt(record, i);
        }

        return true;
    }

    private static RuleTotals Totals((RuleId Rule, AccountId? Owner) key, long[] sum, CounterFormat format) => new()
    {
        Rule = key.Rule,
        Owner = key.Owner,
        Traffic = new TrafficCount(
            sum[CounterFormat.BytesIn],
            sum[CounterFormat.BytesOut],
            sum[CounterFormat.FlowsOpened],
            0,
            sum[CounterFormat.DatagramsIn],
            sum[CounterFormat.DatagramsOut]),
        Accepted = sum[CounterFormat.Accepted],
        Ends = Seen(sum.AsSpan(CounterFormat.Ends, format.EndWords.Count), format.EndWords),
        DropsIn = Seen(sum.AsSpan(format.DropsIn, format.DropWords.Count), format.DropWords),
        DropsOut = Seen(sum.AsSpan(format.DropsOut, format.DropWords.Count), format.DropWords),
    };

    private static Dictionary<string, long>? Seen(ReadOnlySpan<long> counts, IReadOnlyList<string> words)
    {
        Dictionary<string, long>? seen = null;
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] > 0)
            {
                (seen ??= [])[words[i]] = counts[i];
            }
        }

        return seen;
    }
}

using System.Buffers.Binary;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Metering;

/// <summary>
/// Puts the counters of boots together of which nobody was told yet, as those of one boot: an edge that starts again and again with nobody to
/// tell keeps one file and not one for each start. A boot that somebody was told of stays by itself, or it would be counted twice.
/// </summary>
internal static class CounterMerge
{
    /// <summary>The sum of several boots, by rule and owner.</summary>
    public static IReadOnlyList<RuleTotals> Sum(IEnumerable<RuleTotals> totals) =>
    [
        .. totals.GroupBy(one => (one.Rule, one.Owner)).Select(group => new RuleTotals
        {
            Rule = group.Key.Rule,
            Owner = group.Key.Owner,
            Traffic = group.Aggregate(default(TrafficCount), (sum, one) => sum + one.Traffic),
            Accepted = group.Sum(one => one.Accepted),
            Ends = Sum(group.Select(one => one.Ends)),
            DropsIn = Sum(group.Select(one => one.DropsIn)),
            DropsOut = Sum(group.Select(one => one.DropsOut)),
        }),
    ];

    /// <summary>A file of counters with these totals, on the disk when it returns.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, Guid boot, DateTimeOffset createdAt, IReadOnlyList<Guid> merged, IReadOnlyList<RuleTotals> rules)
    {
        var format = new CounterFormat(
            Words(CounterFormat.Current.EndWords, rules.Select(one => one.Ends)),
            Words(CounterFormat.Current.DropWords, rules.SelectMany(one => new[] { one.DropsIn, one.DropsOut })));
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        var segment = new byte[CounterFormat.SegmentBytes];
        new CounterHead(boot, createdAt, format, merged).Write(segment);
        var at = CounterFormat.HeadBytes;
        foreach (var rule in rules)
        {
            if (at + format.RecordBytes > segment.Length)
            {
                file.Write(segment);
                segment.AsSpan().Clear();
                at = 0;
            }

            Write(segment.AsSpan(at, format.RecordBytes), rule, format);
            at += format.RecordBytes;
        }

        file.Write(segment);
        file.Flush(flushToDisk: true);
    }

    private static void Write(Span<byte> record, RuleTotals rule, CounterFormat format)
    {
        rule.Rule.Value.TryWriteBytes(record[(CounterFormat.Rule * sizeof(long))..]);
        (rule.Owner?.Value ?? Guid.Empty).TryWriteBytes(record[(CounterFormat.Owner * sizeof(long))..]);
        var traffic = rule.Traffic;
        Number(record, CounterFormat.BytesIn, traffic.BytesIn);
        Number(record, CounterFormat.BytesOut, traffic.BytesOut);
        Number(record, CounterFormat.FlowsOpened, traffic.FlowsOpened);
        Number(record, CounterFormat.DatagramsIn, traffic.DatagramsIn);
        Number(record, CounterFormat.DatagramsOut, traffic.DatagramsOut);
        Number(record, CounterFormat.Accepted, rule.Accepted);
        Words(record, CounterFormat.Ends, format.EndWords, rule.Ends);
        Words(record, format.DropsIn, format.DropWords, rule.DropsIn);
        Words(record, format.DropsOut, format.DropWords, rule.DropsOut);
        Number(record, CounterFormat.Check, CounterFormat.CheckOfRecord(record));
        Number(record, CounterFormat.State, 1);
    }

    private static void Words(Span<byte> record, int first, IReadOnlyList<string> words, IReadOnlyDictionary<string, long>? counts)
    {
        for (var i = 0; counts is not null && i < words.Count; i++)
        {
            Number(record, first + i, counts.GetValueOrDefault(words[i]));
        }
    }

    private static void Number(Span<byte> record, int number, long value) =>
        BinaryPrimitives.WriteInt64LittleEndian(record[(number * sizeof(long))..], value);

    // Those of this version and those that only another one knows.
    private static List<string> Words(IReadOnlyList<string> known, IEnumerable<IReadOnlyDictionary<string, long>?> seen) =>
        [.. known.Concat(seen.SelectMany(counts => counts?.Keys ?? [])).Distinct()];

    private static Dictionary<string, long>? Sum(IEnumerable<IReadOnlyDictionary<string, long>?> all)
    {
        Dictionary<string, long>? sum = null;
        foreach (var (word, count) in all.SelectMany(counts => counts ?? new Dictionary<string, long>()))
        {
            sum ??= [];
            sum[word] = sum.GetValueOrDefault(word) + count;
        }

        return sum;
    }
}

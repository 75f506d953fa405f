using System.Buffers.Binary;
using System.Text;

namespace Portunus.Edge.Metering;

/// <summary>
/// The first page of a file of counters. What it says of itself is checked; <see cref="Sequence"/> and <see cref="WasTold"/> change
/// while the file is in use and stand outside of that.
/// </summary>
/// <param name="Boot">Whose counters they are.</param>
/// <param name="CreatedAt">When the file was begun.</param>
/// <param name="Format">How its records lie.</param>
/// <param name="Merged">Earlier boots whose counters went into it.</param>
internal sealed record CounterHead(Guid Boot, DateTimeOffset CreatedAt, CounterFormat Format, IReadOnlyList<Guid> Merged)
{
    /// <summary>The most boots that are put together at once.</summary>
    public const int MostMerged = 64;

    public const int SequenceOffset = 96;
    public const int WasToldOffset = 104;

    private const ulong Magic = 0x31_54_4e_43_54_52_4f_50; // PORTCNT1
    private const int Version = 1;
    private const int CheckOffset = 88;
    private const int MergedOffset = 128;
    private const int WordsOffset = MergedOffset + (MostMerged * 16);

    /// <summary>The last look at the counters that somebody was told of.</summary>
    public long Sequence { get; init; }

    /// <summary>Somebody was told of these counters, by the name of this boot.</summary>
    public bool WasTold { get; init; }

    public void Write(Span<byte> page)
    {
        page[..CounterFormat.HeadBytes].Clear();
        var words = Encoding.ASCII.GetBytes(Format.Words);
        BinaryPrimitives.WriteUInt64LittleEndian(page, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(page[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(page[12..], Format.RecordBytes);
        BinaryPrimitives.WriteInt32LittleEndian(page[16..], CounterFormat.SegmentBytes);
        BinaryPrimitives.WriteInt32LittleEndian(page[20..], words.Length);
        BinaryPrimitives.WriteInt32LittleEndian(page[24..], Merged.Count);
        BinaryPrimitives.WriteInt64LittleEndian(page[32..], CreatedAt.UtcTicks);
        Boot.TryWriteBytes(page[40..]);
        for (var i = 0; i < Merged.Count; i++)
        {
            Merged[i].TryWriteBytes(page[(MergedOffset + (i * 16))..]);
        }

        words.CopyTo(page[WordsOffset..]);
        BinaryPrimitives.WriteInt64LittleEndian(page[CheckOffset..], CheckOf(page));
        BinaryPrimitives.WriteInt64LittleEndian(page[SequenceOffset..], Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(page[WasToldOffset..], WasTold ? 1 : 0);
    }

    /// <summary>Null, and why, where it is none of ours or not whole.</summary>
    public static CounterHead? Read(ReadOnlySpan<byte> page, out string problem)
    {
        problem = "";
        if (page.Length < CounterFormat.HeadBytes || BinaryPrimitives.ReadUInt64LittleEndian(page) != Magic)
        {
            problem = "it is not a file of counters";
            return null;
        }

        if (BinaryPrimitives.ReadInt32LittleEndian(page[8..]) != Version)
        {
            problem = "it is of a version that is not known here";
            return null;
        }

        var (words, merged) = (BinaryPrimitives.ReadInt32LittleEndian(page[20..]), BinaryPrimitives.ReadInt32LittleEndian(page[24..]));
        var ticks = BinaryPrimitives.ReadInt64LittleEndian(page[32..]);
        if (CheckOf(page) != BinaryPrimitives.ReadInt64LittleEndian(page[CheckOffset..])
            || words < 0 || words > CounterFormat.HeadBytes - WordsOffset || merged is < 0 or > MostMerged
            || ticks < 0 || ticks > DateTimeOffset.MaxValue.Ticks
            || BinaryPrimitives.ReadInt32LittleEndian(page[16..]) != CounterFormat.SegmentBytes
            || CounterFormat.FromWords(Encoding.ASCII.GetString(page.Slice(WordsOffset, words))) is not { } format
            || BinaryPrimitives.ReadInt32LittleEndian(page[12..]) != format.RecordBytes)
        {
            problem = "its head is damaged";
            return null;
        }

        var boots = new Guid[merged];
        for (var i = 0; i < merged; i++)
        {
            boots[i] = new Guid(page.Slice(MergedOffset + (i * 16), 16));
        }

        return new CounterHead(new Guid(page.Slice(40, 16)), new DateTimeOffset(ticks, TimeSpan.Zero), format, boots)
        {
            Sequence = Math.Max(0, BinaryPrimitives.ReadInt64LittleEndian(page[SequenceOffset..])),
            WasTold = BinaryPrimitives.ReadInt64LittleEndian(page[WasToldOffset..]) != 0,
        };
    }

    private static long CheckOf(ReadOnlySpan<byte> page) =>
        CounterFormat.CheckOf(page[..CheckOffset]) ^ CounterFormat.CheckOf(page[MergedOffset..CounterFormat.HeadBytes]);
}

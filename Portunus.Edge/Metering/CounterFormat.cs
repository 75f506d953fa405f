using System.Buffers.Binary;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Metering;

/// <summary>
/// How counters lie in memory and in their file: a head of a page, then records in segments of equal size, none across the end of
/// one. Numbers are 64 bits wide, in the order of bytes of the machines we run on (little-endian). The words of ends and drops are
/// in the head, so that another version reads what this one counted.
/// </summary>
internal sealed class CounterFormat
{
    /// <summary>Of the file's head.</summary>
    public const int HeadBytes = 4096;

    /// <summary>A multiple of every page size there is on x64 and arm64.</summary>
    public const int SegmentBytes = 256 * 1024;

    // What a record begins with, by number.
    public const int State = 0;
    public const int Rule = 1;
    public const int Owner = 3;
    public const int Loop = 5;
    public const int Check = 6;

    // What is counted.
    public const int BytesIn = 8;
    public const int BytesOut = 9;
    public const int FlowsOpened = 10;
    public const int FlowsActive = 11;
    public const int DatagramsIn = 12;
    public const int DatagramsOut = 13;
    public const int Accepted = 14;
    public const int ThrottlesIn = 15;
    public const int ThrottlesOut = 16;
    public const int TargetChanges = 17;
    public const int NameFailures = 18;
    public const int Ends = 19;

    private const int NumbersPerCacheLine = 8;

    public CounterFormat(IReadOnlyList<string> ends, IReadOnlyList<string> drops)
    {
        EndWords = ends;
        DropWords = drops;
        DropsIn = Ends + ends.Count;
        DropsOut = DropsIn + drops.Count;
        Numbers = DropsOut + drops.Count;
        RecordNumbers = (Numbers + NumbersPerCacheLine - 1) / NumbersPerCacheLine * NumbersPerCacheLine;
    }

    /// <summary>Of this version.</summary>
    public static CounterFormat Current { get; } = new(
        [.. Enum.GetValues<FlowEnd>().Select(SampleWords.Of)], [.. Enum.GetValues<DatagramDrop>().Select(SampleWords.Of)]);

    public IReadOnlyList<string> EndWords { get; }

    public IReadOnlyList<string> DropWords { get; }

    /// <summary>The number of the first drop on the way in.</summary>
    public int DropsIn { get; }

    public int DropsOut { get; }

    /// <summary>Numbers in use of a record.</summary>
    public int Numbers { get; }

    /// <summary>A record of one loop shares no cache line with one of another.</summary>
    public int RecordNumbers { get; }

    public int RecordBytes => RecordNumbers * sizeof(long);

    /// <summary>Ends and drops in one line, for the head.</summary>
    public string Words => $"{string.Join(',', EndWords)};{string.Join(',', DropWords)}";

    /// <summary>Reads <see cref="Words"/>; null where they are none.</summary>
    public static CounterFormat? FromWords(string words)
    {
        var halves = words.Split(';');
        if (halves.Length != 2 || words.Any(letter => letter is not ((>= 'a' and <= 'z') or '_' or ',' or ';')))
        {
            return null;
        }

        return new CounterFormat(halves[0].Split(','), halves[1].Split(','));
    }

    /// <summary>Of what a record, or a head, says about itself: FNV-1a over 64-bit words, not against malice.</summary>
    public static long CheckOf(ReadOnlySpan<byte> bytes)
    {
        var hash = 0xcbf29ce484222325UL;
        foreach (var one in bytes)
        {
            hash = (hash ^ one) * 0x100000001b3UL;
        }

        return (long)hash;
    }

    /// <summary>The check of a record's names, which are its numbers 1 to 5.</summary>
    public static long CheckOfRecord(ReadOnlySpan<byte> record) => CheckOf(record[(Rule * sizeof(long))..(Check * sizeof(long))]);

    public static long NumberAt(ReadOnlySpan<byte> record, int number) => BinaryPrimitives.ReadInt64LittleEndian(record[(number * sizeof(long))..]);
}

using System.Numerics;
using System.Runtime.InteropServices;

namespace Portunus.Soaks.Streams;

/// <summary>
/// What streams are filled with: each eight bytes say where in which stream they stand, so that a byte that was lost, sent
/// twice or sent to somebody else is seen at its offset. Filling and checking cost a fraction of moving the bytes.
/// </summary>
internal static class Pattern
{
    private const int WordBytes = sizeof(ulong);
    private const ulong Step = 0x9E37_79B9_7F4A_7C15;

    /// <summary>Writes what a stream holds from <paramref name="offset"/> on.</summary>
    public static void Fill(Span<byte> bytes, ulong seed, long offset)
    {
        var head = Head(bytes.Length, offset);
        for (var i = 0; i < head; i++)
        {
            bytes[i] = At(seed, offset + i);
        }

        bytes = bytes[head..];
        offset += head;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        var vectors = MemoryMarshal.Cast<ulong, Vector<ulong>>(words);
        var next = First(seed, offset);
        for (var i = 0; i < vectors.Length; i++)
        {
            vectors[i] = next;
            next += s_stride;
        }

        for (var i = vectors.Length * Vector<ulong>.Count * WordBytes; i < bytes.Length; i++)
        {
            bytes[i] = At(seed, offset + i);
        }
    }

    /// <summary>The index of the first byte that does not belong at <paramref name="offset"/> of this stream; -1 if all do.</summary>
    public static int FirstWrong(ReadOnlySpan<byte> bytes, ulong seed, long offset)
    {
        var head = Head(bytes.Length, offset);
        if (Scan(bytes[..head], seed, offset) is >= 0 and var early)
        {
            return early;
        }

        var rest = bytes[head..];
        var words = MemoryMarshal.Cast<byte, ulong>(rest);
        var vectors = MemoryMarshal.Cast<ulong, Vector<ulong>>(words);
        var next = First(seed, offset + head);
        var good = 0;
        foreach (var vector in vectors)
        {
            if (vector != next)
            {
                break;
            }

            next += s_stride;
            good++;
        }

        var read = head + (good * Vector<ulong>.Count * WordBytes);
        return Scan(bytes[read..], seed, offset + read) is >= 0 and var late ? read + late : -1;
    }

    /// <summary>A number that looks random, for seeds that follow from others.</summary>
    public static ulong Mix(ulong value)
    {
        value += Step;
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }

    private static readonly Vector<ulong> s_stride = new(unchecked(Step * (ulong)Vector<ulong>.Count));

    private static int Head(int length, long offset) => (int)Math.Min(length, (WordBytes - (offset % WordBytes)) % WordBytes);

    private static Vector<ulong> First(ulong seed, long offset)
    {
        Span<ulong> words = stackalloc ulong[Vector<ulong>.Count];
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = Word(seed, (offset / WordBytes) + i);
        }

        return new Vector<ulong>(words);
    }

    private static ulong Word(ulong seed, long index) => unchecked((seed + (ulong)index) * Step);

    private static byte At(ulong seed, long offset) => (byte)(Word(seed, offset / WordBytes) >> (int)(offset % WordBytes * 8));

    private static int Scan(ReadOnlySpan<byte> bytes, ulong seed, long offset)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != At(seed, offset + i))
            {
                return i;
            }
        }

        return -1;
    }
}

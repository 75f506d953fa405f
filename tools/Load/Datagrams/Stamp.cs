using System.Buffers.Binary;

namespace Portunus.Load.Datagrams;

/// <summary>
/// What every datagram of a load carries: the run and its own number at the front, and the number once more at the end, so that what
/// was cut, glued together or mixed up shows. The flow follows from the number: flows take turns.
/// </summary>
/// <param name="Run">Tells this run's datagrams from stragglers of an earlier one.</param>
/// <param name="Number">From 0, in the order of sending over all flows.</param>
internal readonly record struct Stamp(uint Run, ulong Number)
{
    /// <summary>The smallest datagram that has room for it.</summary>
    public const int Least = 24;

    private const uint Mark = 0x504f5254;

    public void Write(Span<byte> datagram)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(datagram, Mark);
        BinaryPrimitives.WriteUInt32LittleEndian(datagram[4..], Run);
        BinaryPrimitives.WriteUInt64LittleEndian(datagram[8..], Number);
        BinaryPrimitives.WriteUInt64LittleEndian(datagram[^8..], ~Number);
    }

    /// <summary>False for what no sender of ours made, or what did not arrive as it was made.</summary>
    public static bool TryRead(ReadOnlySpan<byte> datagram, out Stamp stamp)
    {
        stamp = default;
        if (datagram.Length < Least || BinaryPrimitives.ReadUInt32LittleEndian(datagram) != Mark)
        {
            return false;
        }

        stamp = new Stamp(BinaryPrimitives.ReadUInt32LittleEndian(datagram[4..]), BinaryPrimitives.ReadUInt64LittleEndian(datagram[8..]));
        return BinaryPrimitives.ReadUInt64LittleEndian(datagram[^8..]) == ~stamp.Number;
    }
}

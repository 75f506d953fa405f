using System.Buffers.Binary;
using Portunus.Soaks.Streams;

namespace Portunus.Soaks.Datagrams;

/// <summary>
/// A player's move and the server's answer to it: who, which one, and then bytes that only this player's move of this number
/// can have. Sizes vary, as those of games do.
/// </summary>
internal static class GameMessage
{
    public const int Most = 1400;
    private const int Head = 16;
    private const int Spacing = 2 * Most;

    public static int Move(Span<byte> bytes, ulong player, long number) => Write(bytes, player, number, 40 + (int)(Pattern.Mix(player + (ulong)number) % 200));

    /// <summary>Null when the move is not one.</summary>
    public static int? Answer(ReadOnlySpan<byte> move, Span<byte> bytes) => Read(move) is var (player, number)
        ? Write(bytes, ~player, number, 60 + (int)(Pattern.Mix(~player + (ulong)number) % (Most - 60)))
        : null;

    /// <summary>The number of the move that this answers; null when it is not the answer to a move of this player's.</summary>
    public static long? Answered(ReadOnlySpan<byte> answer, ulong player) => Read(answer) is var (from, number) && from == ~player ? number : null;

    private static int Write(Span<byte> bytes, ulong who, long number, int length)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, who);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], number);
        Pattern.Fill(bytes[Head..length], who, number * Spacing);
        return length;
    }

    private static (ulong Who, long Number)? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Head)
        {
            return null;
        }

        var (who, number) = (BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]));
        return number >= 0 && number < int.MaxValue && Pattern.FirstWrong(bytes[Head..], who, number * Spacing) < 0 ? (who, number) : null;
    }
}

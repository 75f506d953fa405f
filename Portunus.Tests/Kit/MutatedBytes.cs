namespace Portunus.Tests.Kit;

/// <summary>Sound bytes with a few chance edits: runs taken out or doubled, single bytes replaced.</summary>
public static class MutatedBytes
{
    /// <summary>A copy of <paramref name="sound"/> with one to <paramref name="mostEdits"/> edits of at most <paramref name="mostBytes"/> bytes each.</summary>
    public static byte[] Of(ReadOnlySpan<byte> sound, Random random, int mostEdits, int mostBytes)
    {
        ArgumentNullException.ThrowIfNull(random);
        List<byte> bytes = [.. sound];
        for (var edits = random.Next(1, mostEdits + 1); edits > 0; edits--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, mostBytes + 1), bytes.Count - at);
            switch (random.Next(3))
            {
                case 0 when bytes.Count > length:
                    bytes.RemoveRange(at, length);
                    break;
                case 1:
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                    break;
                default:
                    bytes[at] = (byte)random.Next(256);
                    break;
            }
        }

        return [.. bytes];
    }
}

using Portunus.Soaks.Streams;

namespace Portunus.Tests.Tools.Soaks;

/// <summary>What the soaks trust: the pattern shows every way of getting bytes wrong.</summary>
public sealed class PatternTests
{
    private const ulong Seed = 0x0123_4567_89AB_CDEF;

    [Theory]
    [InlineData(0, 4096)]
    [InlineData(1, 4096)]
    [InlineData(7, 9)]
    [InlineData(13, 3)]
    [InlineData(1_000_003, 65_537)]
    [InlineData(0, 0)]
    public void Fill_AnyPlace_IsWhatIsExpectedThere(long offset, int length)
    {
        var bytes = new byte[length];
        Pattern.Fill(bytes, Seed, offset);
        Assert.Equal(-1, Pattern.FirstWrong(bytes, Seed, offset));
    }

    [Fact]
    public void Fill_InPieces_IsTheSameStream()
    {
        var whole = new byte[10_000];
        Pattern.Fill(whole, Seed, 0);
        var random = new Random(5);
        for (var at = 0; at < whole.Length;)
        {
            var piece = new byte[Math.Min(random.Next(1, 700), whole.Length - at)];
            Pattern.Fill(piece, Seed, at);
            Assert.Equal(whole[at..(at + piece.Length)], piece);
            at += piece.Length;
        }
    }

    [Fact]
    public void FirstWrong_OneBitAnywhere_IsFoundAtItsOffset()
    {
        for (var at = 0; at < 300; at++)
        {
            var bytes = new byte[300];
            Pattern.Fill(bytes, Seed, 3);
            bytes[at] ^= 0x10;
            Assert.Equal(at, Pattern.FirstWrong(bytes, Seed, 3));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(64)]
    [InlineData(2048)]
    [InlineData(65_536)]
    public void FirstWrong_BytesLostOrTwice_AreFoundWithinAWord(int missing)
    {
        var bytes = new byte[64];
        Pattern.Fill(bytes, Seed, 100_000 + missing);
        Assert.InRange(Pattern.FirstWrong(bytes, Seed, 100_000), 0, 7);
        Pattern.Fill(bytes, Seed, 100_000 - missing);
        Assert.InRange(Pattern.FirstWrong(bytes, Seed, 100_000), 0, 7);
    }

    [Fact]
    public void FirstWrong_AnotherStream_IsFoundWithinAWord()
    {
        var bytes = new byte[64];
        Pattern.Fill(bytes, Pattern.Mix(Seed), 0);
        Assert.InRange(Pattern.FirstWrong(bytes, Pattern.Mix(Seed + 1), 0), 0, 7);
    }
}

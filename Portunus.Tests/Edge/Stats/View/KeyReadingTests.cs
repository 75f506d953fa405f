using System.Text;
using Portunus.Edge.Stats.View;

namespace Portunus.Tests.Edge.Stats.View;

public sealed class KeyReadingTests
{
    [Theory]
    [InlineData("q", "q")]
    [InlineData("\u0003", "Interrupt")]
    [InlineData("\r", "Enter")]
    [InlineData("\t\u001b[Z", "Tab BackTab")]
    [InlineData("\u001b[A\u001b[B\u001b[C\u001b[D", "Up Down Right Left")]
    [InlineData("\u001bOA\u001bOH", "Up Home")]
    [InlineData("\u001b[1;5A", "Up")]
    [InlineData("\u001b[5~\u001b[6~\u001b[1~\u001b[4~", "PageUp PageDown Home End")]
    [InlineData("\u007f", "Backspace")]
    [InlineData("\u001b[15~x\u001by", "x")]
    [InlineData("\u001b\u001b[A", "Escape Up")]
    [InlineData("\u0001ä", "")]
    public void Feed_WholeOrByteByByte_GivesTheSameKeys(string typed, string keys)
    {
        var bytes = Encoding.UTF8.GetBytes(typed);
        Assert.Equal(keys, Words(new KeyReading().Feed(bytes)));
        var slow = new KeyReading();
        Assert.Equal(keys, Words([.. bytes.SelectMany(one => slow.Feed([one]))]));
    }

    [Fact]
    public void Rest_EscapeAlone_IsTheKey()
    {
        var reading = new KeyReading();
        Assert.Empty(reading.Feed([0x1B]));
        Assert.Equal("Escape", Words(reading.Rest()));
        Assert.Equal("q", Words(reading.Feed("q"u8)));
    }

    [Fact]
    public void Feed_RandomBytes_NeverThrowsAndNeverGrows()
    {
        var random = new Random(27);
        var reading = new KeyReading();
        var bytes = new byte[64];
        for (var round = 0; round < 5000; round++)
        {
            random.NextBytes(bytes);
            bytes[random.Next(64)] = 0x1B;
            Assert.InRange(reading.Feed(bytes).Count, 0, 128);
        }
    }

    private static string Words(IReadOnlyList<ViewKey> keys) =>
        string.Join(' ', keys.Select(key => key.Name == KeyName.Character ? key.Character.ToString() : key.Name.ToString()));
}

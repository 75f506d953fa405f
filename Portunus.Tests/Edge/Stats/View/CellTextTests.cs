using Portunus.Edge.Stats.View;

namespace Portunus.Tests.Edge.Stats.View;

public sealed class CellTextTests
{
    [Theory]
    [InlineData("web-1_a.b", "web-1_a.b")]
    [InlineData("größe 東京 Ω €", "größe 東京 Ω €")]
    [InlineData("\u001b[2J", "?[2J")]
    [InlineData("a\u0007\b\r\n\tb", "a?????b")]
    [InlineData("\u009b31m", "?31m")]
    [InlineData("\u202eevil\u2066\u200d\ufeff", "?evil???")]
    [InlineData("e\u0301", "e?")]
    [InlineData("\ud83d\ude00!", "?!")]
    [InlineData("\u2028\u00a0\ue000\u00ad", "????")]
    public void Clean_Text_StandsStillInItsCells(string text, string clean) => Assert.Equal(clean, CellText.Clean(text));

    [Fact]
    public void Clean_HalfACharacter_IsAQuestionMark() => Assert.Equal("?x", CellText.Clean("\ud800x"));

    [Theory]
    [InlineData("abc", 5, "abc  ")]
    [InlineData("abcdef", 5, "abcd…")]
    [InlineData("東京都", 4, "東… ")]
    [InlineData("東京", 4, "東京")]
    [InlineData("abc", 1, "…")]
    [InlineData("abc", 0, "")]
    public void Fit_Text_TakesExactlyItsCells(string text, int width, string fitted)
    {
        Assert.Equal(fitted, CellText.Fit(text, width));
        Assert.Equal(width, CellText.Width(fitted));
    }

    [Fact]
    public void Clean_RandomCharacters_LeavesNothingThatActs()
    {
        var random = new Random(80);
        for (var round = 0; round < 2000; round++)
        {
            var text = new string([.. Enumerable.Range(0, 20).Select(_ => (char)random.Next(char.MaxValue + 1))]);
            var clean = CellText.Clean(text);
            Assert.DoesNotContain(clean, char.IsControl);
            Assert.Equal(7, CellText.Width(CellText.Fit(clean, 7)));
        }
    }
}

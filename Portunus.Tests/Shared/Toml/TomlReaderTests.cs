using System.Text;
using Portunus.Shared.Toml;

namespace Portunus.Tests.Shared.Toml;

public sealed class TomlReaderTests
{
    [Fact]
    public void Places_OfKeysAndValues_CountFromOneInCharacters()
    {
        var root = Read("# é😀\n\"😀\" = 'x'\n[[rule]]\n  \"é😀\".b = [1,\n   \"two\"] # end\n");

        Assert.True(root.TryGet("😀", out var smile));
        Assert.Equal(new TomlPlace(2, 1), smile.KeyPlace);
        Assert.Equal(new TomlPlace(2, 7), smile.Value.Place);
        Assert.True(root.TryGet("rule", out var rules));
        var rule = Assert.IsType<TomlTable>(Assert.Single(Assert.IsType<TomlArray>(rules.Value).Values));
        Assert.Equal(new TomlPlace(3, 1), rule.Place);
        Assert.True(rule.TryGet("é😀", out var dotted));
        Assert.True(Assert.IsType<TomlTable>(dotted.Value).TryGet("b", out var list));
        Assert.Equal(new TomlPlace(4, 8), list.KeyPlace);
        Assert.Equal(new TomlPlace(4, 12), list.Value.Place);
        Assert.Equal(new TomlPlace(5, 4), Assert.IsType<TomlArray>(list.Value).Values[1].Place);
    }

    [Fact]
    public void Place_AfterByteOrderMark_DoesNotCountIt()
    {
        Assert.True(Read("\uFEFFa = 1").TryGet("a", out var entry));
        Assert.Equal(new TomlPlace(1, 1), entry.KeyPlace);
    }

    [Theory]
    [InlineData("a 1", 1, 3, "Expected = after the key \"a\"; found 1.")]
    [InlineData("\n\na = ", 3, 5, "Expected a value; found the end of the file.")]
    [InlineData("a = 1 2", 1, 7, "Expected the end of the line; found 2.")]
    [InlineData("a = hello", 1, 5, "Expected a value; hello needs quotes if it is text.")]
    [InlineData("a = True", 1, 5, "Expected true or false in lower case; found True.")]
    [InlineData("a = 080", 1, 5, "Expected a number without leading zeros; found 080.")]
    [InlineData("a = 9223372036854775808", 1, 5, "Expected an integer that fits into 64 bits; 9223372036854775808 does not.")]
    [InlineData("a = 0xFFFFFFFFFFFFFFFF", 1, 5, "Expected an integer that fits into 64 bits; 0xFFFFFFFFFFFFFFFF does not.")]
    [InlineData("a = \"b", 1, 7, "Expected \" to close the string; found the end of the file.")]
    [InlineData("a = '''b\n\n", 1, 5, "Expected ''' to close the string that begins here; the file ends first.")]
    [InlineData("[a", 1, 3, "Expected ] to close the header; found the end of the file.")]
    [InlineData("[[a]", 1, 5, "Expected ]] to close the header; found the end of the file.")]
    [InlineData("a = [1 2]", 1, 8, "Expected a comma or ] after a value of the array; found 2.")]
    [InlineData("a = {b = 1,\n c = 2}", 1, 12, "Expected a key of letters, digits, _ and -, or one in quotes; found the end of the line.")]
    [InlineData("a = 1\na = 2", 2, 1, "Expected a new key; \"a\" is already an integer since line 1 and cannot be defined again or added to here.")]
    [InlineData("a = 2026-02-30", 1, 5, "Expected a day that exists; 2026-02-30 does not.")]
    [InlineData("# \u0001", 1, 3, "Expected only printable text in a comment; found the character U+0001.")]
    public void Error_SaysWhereAndWhatWasExpected(string text, int line, int column, string sentence)
    {
        var error = TomlReader.Read(Encoding.UTF8.GetBytes(text)).Errors[0];

        Assert.Equal((line, column, sentence), (error.Place.Line, error.Place.Column, error.Text));
    }

    [Fact]
    public void InvalidUtf8_IsAnErrorAtItsPlace()
    {
        var result = TomlReader.Read([.. "a = 1\nb = 'é"u8, 0xFF, .. "'"u8]);

        Assert.Equal(new TomlPlace(2, 7), Assert.Single(result.Errors).Place);
        Assert.False(result.Root.IsWhole);
    }

    [Fact]
    public void Errors_OfSeveralLines_AreAllFoundAndTheRestIsRead()
    {
        var result = TomlReader.Read("a = \nb = 2\n[c\nd = 1\n[e]\nf = [1 2,\n 3\n]\ng = 08\nh = 4\n[i]\nj = 5"u8);

        Assert.Equal([1, 3, 6, 9], result.Errors.Select(error => error.Place.Line));
        Assert.Equal(["b", "e", "i"], result.Root.Entries.Select(entry => entry.Key));
        Assert.False(result.Root.IsWhole);
        Assert.True(result.Root.TryGet("e", out var broken));
        Assert.False(Assert.IsType<TomlTable>(broken.Value).IsWhole);
        Assert.True(result.Root.TryGet("i", out var sound));
        Assert.True(Assert.IsType<TomlTable>(sound.Value).IsWhole);
    }

    [Fact]
    public void Errors_WithoutEnd_StopAtTheBound()
    {
        var text = string.Concat(Enumerable.Repeat("?\n", 100_000));

        Assert.Equal(TomlReader.MaxErrors, TomlReader.Read(Encoding.UTF8.GetBytes(text)).Errors.Count);
    }

    [Theory]
    [InlineData("a = ", "[")]
    [InlineData("a = ", "{b = ")]
    [InlineData("", "[")]
    [InlineData("", "a.")]
    [InlineData("[", "a.")]
    [InlineData("a = ", "[[{b = ")]
    public void Depth_WithoutEnd_IsRefusedAndNotFollowed(string start, string again)
    {
        var text = start + string.Concat(Enumerable.Repeat(again, 100_000));

        Assert.NotEmpty(TomlReader.Read(Encoding.UTF8.GetBytes(text)).Errors);
    }

    [Fact]
    public void Depth_UpToTheBound_IsRead()
    {
        static string Nested(int depth) => "a = " + new string('[', depth) + new string(']', depth);

        Assert.Empty(TomlReader.Read(Encoding.UTF8.GetBytes(Nested(TomlReader.MaxDepth))).Errors);
        Assert.NotEmpty(TomlReader.Read(Encoding.UTF8.GetBytes(Nested(TomlReader.MaxDepth + 1))).Errors);
    }

    [Fact]
    public void OffsetDateTime_BeyondDateTimeOffset_IsKeptAsWritten()
    {
        Assert.True(Read("a = 0001-01-01T00:00:00+23:59").TryGet("a", out var entry));
        var read = Assert.IsType<TomlOffsetDateTime>(entry.Value);

        Assert.Equal((DateTime.MinValue, new TimeSpan(23, 59, 0)), (read.Local, read.Offset));
    }

    private static TomlTable Read(string text)
    {
        var result = TomlReader.Read(Encoding.UTF8.GetBytes(text));
        Assert.Empty(result.Errors);
        return result.Root;
    }
}

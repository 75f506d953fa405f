using System.Text;
using Portunus.Shared.Json;

namespace Portunus.Tests.Shared.Json;

public sealed class JsonTextTests
{
    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("{'a':1}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("// no\n{}")]
    [InlineData("{\"\\ud800\":1}")]
    [InlineData("{\"a\":\"\\udc00\"}")]
    [InlineData("NaN")]
    public void TextThatIsNoJson_IsRefusedInASentence(string text)
    {
        Assert.False(JsonText.TryParse(Encoding.UTF8.GetBytes(text), out _, out var problem));

        Assert.Equal(JsonText.Malformed, problem.Code);
        Assert.Matches(@"^\S.*\.$", problem.Text);
    }

    [Fact]
    public void BytesThatAreNoUtf8_AreRefused()
    {
        Assert.False(JsonText.TryParse(new byte[] { (byte)'"', 0xC3, (byte)'"' }, out _, out var problem));
        Assert.Equal("The text is not valid UTF-8.", problem.Text);
    }

    [Fact]
    public void Nesting_IsBounded()
    {
        Assert.True(JsonText.TryParse(Encoding.UTF8.GetBytes(new string('[', JsonText.MaxDepth) + new string(']', JsonText.MaxDepth)), out var document, out _));
        document.Dispose();
        Assert.False(JsonText.TryParse(Encoding.UTF8.GetBytes(new string('[', 1_000_000)), out _, out var problem));
        Assert.Contains("nested more than 16 deep", problem.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Place_IsTold()
    {
        Assert.False(JsonText.TryParse("{\n  \"a\": tru\n}"u8.ToArray(), out _, out var problem));
        Assert.Contains("line 2", problem.Text, StringComparison.Ordinal);
    }
}

using System.Text;
using System.Text.Json;
using Portunus.Shared.Json;

namespace Portunus.Tests.Shared.Json;

public sealed class MergePatchTests
{
    /// <summary>The cases of RFC 7396, appendix A, and what they leave open.</summary>
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", """{}""")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""["a","b"]""", """["c","d"]""", """["c","d"]""")]
    [InlineData("""{"a":"b"}""", """["c"]""", """["c"]""")]
    [InlineData("""{"a":"foo"}""", "null", "null")]
    [InlineData("""{"a":"foo"}""", "\"bar\"", "\"bar\"")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("[1,2]", """{"a":"b","c":null}""", """{"a":"b"}""")]
    [InlineData("{}", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    [InlineData("""{"a":1}""", """{"a":2,"a":3}""", """{"a":2,"a":3}""")]
    public void Apply_GivesWhatTheStandardSays(string original, string patch, string wanted)
    {
        using var left = Parse(original);
        using var right = Parse(patch);

        Assert.Equal(wanted, Encoding.UTF8.GetString(MergePatch.Apply(left.RootElement, right.RootElement).Span));
    }

    private static JsonDocument Parse(string text)
    {
        Assert.True(JsonText.TryParse(Encoding.UTF8.GetBytes(text), out var document, out _));
        return document;
    }
}

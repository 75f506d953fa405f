using Portunus.Shared.Rules;

namespace Portunus.Tests.Shared.Rules;

/// <summary>Patterns are normalised once, and a star stands for one label.</summary>
public sealed class HostPatternTests
{
    [Theory]
    [InlineData("example.org", "example.org", false)]
    [InlineData(" Example.ORG. ", "example.org", false)]
    [InlineData("localhost", "localhost", false)]
    [InlineData("*.Example.org.", "example.org", true)]
    [InlineData("*.a.b.c", "a.b.c", true)]
    [InlineData("xn--bcher-kva.example", "xn--bcher-kva.example", false)]
    [InlineData("1.example", "1.example", false)]
    public void Pattern_IsReadInLowerCaseWithoutTrailingDot(string text, string name, bool isWildcard)
    {
        Assert.True(HostPattern.TryParse(text, out var pattern, out _));
        Assert.Equal(new HostPattern(name, isWildcard), pattern);
        Assert.Equal(isWildcard ? "*." + name : name, pattern.ToString());
        Assert.True(HostPattern.TryParse(pattern.ToString(), out var again, out _));
        Assert.Equal(pattern, again);
    }

    [Theory]
    [InlineData(null, "empty")]
    [InlineData("", "empty")]
    [InlineData("*.", "empty")]
    [InlineData("*", "first label")]
    [InlineData("*example.org", "first label")]
    [InlineData("a.*.org", "first label")]
    [InlineData("*.*.org", "first label")]
    [InlineData("*.com", "top-level")]
    [InlineData("*.com.", "top-level")]
    [InlineData("192.0.2.1", "an address")]
    [InlineData("::1", "an address")]
    [InlineData("*.192.0.2.1", "an address")]
    [InlineData("1.2.3", "a name needs a letter")]
    [InlineData("a_b.example", "letters, digits")]
    [InlineData("b\u00fccher.example", "letters, digits")]
    [InlineData("\u212Aelvin.example", "letters, digits")]
    [InlineData("a..example", "empty label")]
    [InlineData("example.org..", "empty label")]
    [InlineData("-a.example", "hyphen")]
    [InlineData("example.org:443", "IPv6")]
    public void MalformedPattern_IsRefusedWithItsReason(string? text, string reasonPart)
    {
        Assert.False(HostPattern.TryParse(text, out var pattern, out var reason));
        Assert.Null(pattern);
        Assert.Contains(reasonPart, reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("example.org", "example.org", true)]
    [InlineData("example.org", "www.example.org", false)]
    [InlineData("example.org", "example.or", false)]
    [InlineData("example.org", "", false)]
    [InlineData("*.example.org", "www.example.org", true)]
    [InlineData("*.example.org", "example.org", false)]
    [InlineData("*.example.org", ".example.org", false)]
    [InlineData("*.example.org", "a.b.example.org", false)]
    [InlineData("*.example.org", "wwwexample.org", false)]
    [InlineData("*.example.org", "www.example.organ", false)]
    [InlineData("*.example.org", "", false)]
    public void Pattern_MatchesExactlyOrByOneLabel(string text, string host, bool wanted)
    {
        Assert.True(HostPattern.TryParse(text, out var pattern, out _));
        Assert.Equal(wanted, pattern.Matches(host));
    }

    [Fact]
    public void Matching_AllocatesNothing()
    {
        var exact = new HostPattern("a.example.org", false);
        var wildcard = new HostPattern("example.org", true);
        Assert.True(exact.Matches("a.example.org") && wildcard.Matches("a.example.org"));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var matched = 0;
        for (var turn = 0; turn < 1000; turn++)
        {
            matched += exact.Matches("a.example.org") && wildcard.Matches("a.example.org") ? 1 : 0;
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1000, matched);
    }
}

using Portunus.Shared.Rules;

namespace Portunus.Tests.Shared.Rules;

/// <summary>Both ends belong to a range.</summary>
public sealed class PortRangeTests
{
    [Theory]
    [InlineData("1", 1, 1, "1")]
    [InlineData("65535", 65535, 65535, "65535")]
    [InlineData("1-65535", 1, 65535, "1-65535")]
    [InlineData(" 80 - 90 ", 80, 90, "80-90")]
    [InlineData("80-80", 80, 80, "80")]
    public void Range_IsReadAndPrinted(string text, int first, int last, string printed)
    {
        Assert.True(PortRange.TryParse(text, out var range, out var reason));
        Assert.Equal((new PortRange(first, last), "", printed), (range, reason, range.ToString()));
        Assert.Equal((last - first + 1, first == last), (range.Length, range.IsSingle));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("-80")]
    [InlineData("80-")]
    [InlineData("0")]
    [InlineData("65536")]
    [InlineData("0-80")]
    [InlineData("80-65536")]
    [InlineData("80-90-100")]
    [InlineData("80--90")]
    [InlineData("+80")]
    [InlineData("8 0")]
    [InlineData("0x50")]
    [InlineData("80.0")]
    [InlineData("\u0668\u0660")]
    [InlineData("99999999999")]
    public void OddRange_IsRefused(string? text)
    {
        Assert.False(PortRange.TryParse(text, out var range, out var reason));
        Assert.Equal(default, range);
        Assert.Contains("not a port or first-last", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void InvertedRange_IsRefusedAsSuch()
    {
        Assert.False(PortRange.TryParse("90-80", out _, out var reason));
        Assert.Equal("the first port of 90-80 is higher than the last.", reason);
    }

    [Fact]
    public void Contains_TakesBothEnds()
    {
        var range = new PortRange(80, 90);
        Assert.True(range.Contains(80) && range.Contains(90));
        Assert.False(range.Contains(79) || range.Contains(91));
    }

    [Theory]
    [InlineData(80, 90, 90, 95, true)]
    [InlineData(80, 90, 91, 95, false)]
    [InlineData(80, 90, 70, 80, true)]
    [InlineData(80, 90, 70, 79, false)]
    [InlineData(80, 90, 85, 86, true)]
    [InlineData(80, 80, 80, 80, true)]
    public void Overlap_IsMutual(int first, int last, int otherFirst, int otherLast, bool wanted)
    {
        Assert.Equal(wanted, new PortRange(first, last).Overlaps(new PortRange(otherFirst, otherLast)));
        Assert.Equal(wanted, new PortRange(otherFirst, otherLast).Overlaps(new PortRange(first, last)));
    }
}

using Portunus.Edge.Stats.View;

namespace Portunus.Tests.Edge.Stats.View;

public sealed class UnitTextTests
{
    [Theory]
    [InlineData(0, "0B/s")]
    [InlineData(999, "999B/s")]
    [InlineData(999.6, "1.00kB/s")]
    [InlineData(12_345, "12.3kB/s")]
    [InlineData(99_960, "100kB/s")]
    [InlineData(1.5e9, "1.50GB/s")]
    [InlineData(9.99e20, "999EB/s")]
    public void Rate_Value_IsShort(double value, string text)
    {
        Assert.Equal(text, UnitText.Rate(value));
        Assert.InRange(text.Length, 1, 8);
    }

    [Theory]
    [InlineData(-5, "0s")]
    [InlineData(59, "59s")]
    [InlineData(3601, "1h 0m")]
    [InlineData(100_000, "1d 3h")]
    public void Span_Seconds_AreTheTwoLargestParts(int seconds, string text) => Assert.Equal(text, UnitText.Span(TimeSpan.FromSeconds(seconds)));
}

using Portunus.Shared.Ids;

namespace Portunus.Tests.Shared.Ids;

/// <summary>Ids are time-ordered where they are made, and derived from the name where a rule has nothing else.</summary>
public sealed class RuleIdTests
{
    [Fact]
    public void NewIds_AreUniqueVersion7()
    {
        var ids = Enumerable.Range(0, 1000).Select(_ => RuleId.New()).ToArray();
        Assert.Equal(1000, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Equal(7, id.Value.Version));
    }

    [Fact]
    public void Order_IsTheOrderOfTime()
    {
        var first = new RuleId(Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddDays(20_000)));
        var second = new RuleId(Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddDays(20_000).AddMilliseconds(1)));
        Assert.True(first < second && second > first && first <= second && second >= first);
        Assert.True(first.CompareTo(second) < 0);
        Assert.True(string.CompareOrdinal(first.ToString(), second.ToString()) < 0);
    }

    [Fact]
    public void IdOfAName_IsTheSameForEver()
    {
        // SHA-256("ssh") begins 7f5a55cf3f88be936fb9440249cb449f; the marks of version 8 and of the variant are set over it.
        Assert.Equal("7f5a55cf-3f88-8e93-afb9-440249cb449f", RuleId.FromName("ssh").ToString());
        Assert.Equal(8, RuleId.FromName("ssh").Value.Version);
        Assert.Equal(RuleId.FromName("ssh"), RuleId.FromName("ssh"));
    }

    [Fact]
    public void DifferentNames_HaveDifferentIds()
    {
        string[] names = ["", "a", "A", "a ", "\u00e9", "e\u0301", "web", "web2"];
        Assert.Equal(names.Length, names.Select(RuleId.FromName).Distinct().Count());
    }

    [Fact]
    public void Text_RoundTripsInEitherCase()
    {
        var id = RuleId.New();
        Assert.Equal(36, id.ToString().Length);
        Assert.True(RuleId.TryParse(id.ToString(), out var lower));
        Assert.True(RuleId.TryParse(id.ToString().ToUpperInvariant(), out var upper));
        Assert.Equal((id, id), (lower, upper));
    }

    [Theory]
    [MemberData(nameof(IdTexts.Odd), MemberType = typeof(IdTexts))]
    public void OddText_IsNoId(string? text)
    {
        Assert.False(RuleId.TryParse(text, out var id));
        Assert.Equal(default, id);
    }
}

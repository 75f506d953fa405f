using Portunus.Shared.Ids;

namespace Portunus.Tests.Shared.Ids;

public sealed class AccountIdTests
{
    [Fact]
    public void NewIds_AreUniqueVersion7()
    {
        var (one, other) = (AccountId.New(), AccountId.New());
        Assert.NotEqual(one, other);
        Assert.Equal((7, 7), (one.Value.Version, other.Value.Version));
    }

    [Fact]
    public void Text_RoundTripsInEitherCase()
    {
        var id = AccountId.New();
        Assert.True(AccountId.TryParse(id.ToString(), out var lower));
        Assert.True(AccountId.TryParse(id.ToString().ToUpperInvariant(), out var upper));
        Assert.Equal((id, id), (lower, upper));
    }

    [Theory]
    [MemberData(nameof(IdTexts.Odd), MemberType = typeof(IdTexts))]
    public void OddText_IsNoId(string? text)
    {
        Assert.False(AccountId.TryParse(text, out var id));
        Assert.Equal(default, id);
    }
}

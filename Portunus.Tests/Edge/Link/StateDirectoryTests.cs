using Portunus.Edge.Link;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Link;

public sealed class StateDirectoryTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    [Theory]
    [InlineData("/asked", "/unit:/other", "/xdg", "/home/one", "/asked")]
    [InlineData(null, "/unit:/other", "/xdg", "/home/one", "/unit")]
    [InlineData("", "", "/xdg", "/home/one", "/xdg/portunus/edge")]
    [InlineData(null, null, "relative", "/home/one", "/home/one/.local/state/portunus/edge")]
    [InlineData(null, null, null, "/home/one", "/home/one/.local/state/portunus/edge")]
    public void PlaceFor_WhatIsSet_TakesTheFirst(string? asked, string? unit, string? xdg, string? home, string place)
    {
        var variables = new Dictionary<string, string?> { ["STATE_DIRECTORY"] = unit, ["XDG_STATE_HOME"] = xdg, ["HOME"] = home };

        Assert.Equal(place, StateDirectory.PlaceFor(asked, variables.GetValueOrDefault));
    }

    [Fact]
    public void PlaceFor_NothingSet_IsRefusedWithASentence()
    {
        var refusal = Assert.Throws<StateRefusal>(() => StateDirectory.PlaceFor(null, _ => null));

        Assert.Contains("--state-dir", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NothingThere_MakesItForTheOwnerAlone()
    {
        using var temp = new TempFolder();
        using var state = StateDirectory.Open(temp.File("deep/er"));

        Assert.Equal(OwnerOnly, File.GetUnixFileMode(state.Path));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(state.CountersFolder));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(state.Path, "lock")));
    }

    [Fact]
    public void Open_OthersMayLookIn_ClosesItToThem()
    {
        using var temp = new TempFolder();
        var folder = Directory.CreateDirectory(temp.File("open"), OwnerOnly | UnixFileMode.OtherRead | UnixFileMode.OtherExecute).FullName;
        using var state = StateDirectory.Open(folder);

        Assert.Equal(OwnerOnly, File.GetUnixFileMode(folder));
    }

    [Fact]
    public void Open_AnotherHasIt_IsRefusedUntilThatLetsGo()
    {
        using var temp = new TempFolder();
        var first = StateDirectory.Open(temp.Path);

        var refusal = Assert.Throws<StateRefusal>(() => StateDirectory.Open(temp.Path));

        Assert.Contains("in use by another process", refusal.Message, StringComparison.Ordinal);
        first.Dispose();
        StateDirectory.Open(temp.Path).Dispose();
    }

    [Fact]
    public void Open_AFileIsInItsPlace_IsRefusedWithASentence()
    {
        using var temp = new TempFolder();
        File.WriteAllText(temp.File("file"), "");

        var refusal = Assert.Throws<StateRefusal>(() => StateDirectory.Open(temp.File("file")));

        Assert.Contains("cannot be used", refusal.Message, StringComparison.Ordinal);
    }
}

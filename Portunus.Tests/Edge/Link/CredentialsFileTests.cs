using Portunus.Edge.Link;
using Portunus.Shared.Ids;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Link;

public sealed class CredentialsFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Place => _folder.File("edge.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Written_IsReadTheSame()
    {
        var file = new CredentialsFile(Place);
        var credentials = Sample();
        file.Replace(credentials);
        var read = file.TryRead(out var problem);
        Assert.Equal("", problem);
        Assert.NotNull(read);
        Assert.Equal(credentials.Pins, read.Pins);
        Assert.Equal(credentials with { Pins = read.Pins }, read);
        Assert.False(file.IsOpenToOthers);
    }

    [Fact]
    public void Replaced_WhateverModeTheOldHad_IsTheOwnersAlone()
    {
        File.WriteAllText(Place, "old");
        File.SetUnixFileMode(Place, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        var file = new CredentialsFile(Place);
        Assert.True(file.IsOpenToOthers);
        file.Replace(Sample());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Place));
    }

    [Fact]
    public void Replaced_BehindASymbolicLink_KeepsTheLink()
    {
        var real = _folder.File("real.json");
        File.WriteAllText(real, "old");
        File.CreateSymbolicLink(Place, real);
        new CredentialsFile(Place).Replace(Sample());
        Assert.Equal(real, File.ResolveLinkTarget(Place, returnFinalTarget: true)?.FullName);
        Assert.NotNull(new CredentialsFile(real).TryRead(out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"host": "h", "port": 0, "pins": ["PIN"], "edge": "ID", "name": "n", "credential": "s3cret"}""")]
    [InlineData("""{"host": "", "port": 1, "pins": ["PIN"], "edge": "ID", "name": "n", "credential": "s3cret"}""")]
    [InlineData("""{"host": "h", "port": 1, "pins": [], "edge": "ID", "name": "n", "credential": "s3cret"}""")]
    [InlineData("""{"host": "h", "port": 1, "pins": ["PIN", "sha256:0"], "edge": "ID", "name": "n", "credential": "s3cret"}""")]
    [InlineData("""{"host": "h", "port": 1, "pins": ["PIN"], "edge": "north", "name": "n", "credential": "s3cret"}""")]
    [InlineData("""{"host": "h", "port": 1, "pins": ["PIN"], "edge": "ID", "name": "n", "credential": ""}""")]
    [InlineData("""{"host": "h", "port": 1, "pins": ["PIN"], "edge": "ID", "name": "n", "credential": "s3cret\\nX: y"}""")]
    [InlineData("""{"host": "h", "port": 1, "pins": ["PIN"], "edge": "ID", "name": "n", "credential": "s3cret"} and more""")]
    public void Read_NoCredentials_SaysSoAndNotWhatStandsThere(string text)
    {
        File.WriteAllText(Place, text.Replace("PIN", Sample().Pins[0], StringComparison.Ordinal).Replace("ID", Sample().Edge, StringComparison.Ordinal));
        Assert.Null(new CredentialsFile(Place).TryRead(out var problem));
        Assert.Equal($"{Place} does not hold the credentials of an edge.", problem);
    }

    [Fact]
    public void Read_TooLarge_IsNotRead()
    {
        File.WriteAllText(Place, new string(' ', 100_000));
        Assert.Null(new CredentialsFile(Place).TryRead(out var problem));
        Assert.Contains("too large", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoFile_SaysHowToGetOne()
    {
        Assert.Null(new CredentialsFile(_folder.File("none/edge.json")).TryRead(out var problem));
        Assert.Contains("portunus-edge enroll", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/x", "/h", "/x/portunus/edge.json")]
    [InlineData(null, "/h", "/h/.config/portunus/edge.json")]
    [InlineData("", "/h", "/h/.config/portunus/edge.json")]
    [InlineData(null, null, "/root/.config/portunus/edge.json")]
    public void DefaultPlace_FollowsXdg(string? config, string? home, string place) =>
        Assert.Equal(place, CredentialsFile.DefaultPlace(name => name == "XDG_CONFIG_HOME" ? config : name == "HOME" ? home : null));

    [Fact]
    public void Credentials_AsText_HaveNoSecret() => Assert.DoesNotContain("s3cret", Sample().ToString(), StringComparison.Ordinal);

    private static EdgeCredentials Sample() => new()
    {
        Host = "h",
        Port = 7443,
        Pins = ["sha256:" + new string('a', 64)],
        Edge = new EdgeId(new Guid("01934b5e-0000-7000-8000-000000000001")).ToString(),
        Name = "north",
        Credential = "s3cret",
    };
}

using Portunus.Tests.Kit;
using Portunus.Web.Database;
using Portunus.Web.Link;

namespace Portunus.Tests.Web.Link;

public sealed class LinkKeysTests : IDisposable
{
    private static readonly DateTimeOffset s_until = new(2027, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly DataFolder _folder = new();
    private readonly DataDirectory _directory;

    public LinkKeysTests() => _directory = DataDirectory.Open(_folder.Path);

    public void Dispose()
    {
        _directory.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void FirstOpening_MakesAKeyThatLaterOnesFind()
    {
        using var first = LinkKeys.Open(_directory, TimeProvider.System);
        using var second = LinkKeys.Open(_directory, TimeProvider.System);

        Assert.Equal(first.Pins, second.Pins);
        Assert.Single(first.Pins);
        Assert.True(first.Certificate.HasPrivateKey);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FileOf(LinkKeys.CurrentName)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(DataDirectory.LinkFolderOf(_folder.Path)));
    }

    [ProgramFact("strace")]
    public async Task Key_IsOnTheDiskUnderItsName()
    {
        using var folder = new DataFolder();
        using (var directory = DataDirectory.Open(folder.Path))
        {
            DbStartup.Prepare(directory, TimeProvider.System);
        }

        using var notes = new TempFolder();
        var run = await CommandRun.RunAsync("strace", [
            "-f", "-y", "-e", "trace=fsync,rename,renameat,renameat2", "-o", notes.File("calls"),
            WebProcess.Program, "enroll", "--new", "Oslo", "--address", "h:1", "--data-dir", folder.Path]);
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);

        var calls = await File.ReadAllLinesAsync(notes.File("calls"));
        var renamed = Array.FindIndex(calls, call => call.Contains("rename", StringComparison.Ordinal) && call.Contains(LinkKeys.CurrentName + ".tmp", StringComparison.Ordinal));
        Assert.InRange(renamed, 0, calls.Length);
        Assert.Contains(calls[..renamed], call => call.Contains("fsync", StringComparison.Ordinal) && call.Contains($"/{LinkKeys.CurrentName}.tmp>", StringComparison.Ordinal));
        Assert.Contains(calls[renamed..], call => call.Contains("fsync", StringComparison.Ordinal) && call.Contains($"/{LinkKeys.CurrentName}>", StringComparison.Ordinal));
    }

    [Fact]
    public void KeyThatOthersCouldRead_IsClosedToThem()
    {
        LinkKeys.Open(_directory, TimeProvider.System).Dispose();
        File.SetUnixFileMode(FileOf(LinkKeys.CurrentName), UnixFileMode.UserRead | UnixFileMode.OtherRead);

        LinkKeys.Open(_directory, TimeProvider.System).Dispose();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FileOf(LinkKeys.CurrentName)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")]
    [InlineData("not a key at all")]
    public void BrokenKey_RefusesTheStartAndIsLeftAsItIs(string text)
    {
        LinkKeys.Open(_directory, TimeProvider.System).Dispose();
        File.WriteAllText(FileOf(LinkKeys.CurrentName), text);

        var refusal = Assert.Throws<StartRefusal>(() => LinkKeys.Open(_directory, TimeProvider.System));

        Assert.Contains(FileOf(LinkKeys.CurrentName), refusal.Message, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(FileOf(LinkKeys.CurrentName)));
    }

    [Fact]
    public void CutKey_RefusesTheStart()
    {
        LinkKeys.Open(_directory, TimeProvider.System).Dispose();
        var whole = File.ReadAllText(FileOf(LinkKeys.CurrentName));
        foreach (var length in new[] { whole.Length / 4, whole.Length / 2, whole.Length - 40 })
        {
            File.WriteAllText(FileOf(LinkKeys.CurrentName), whole[..length]);
            Assert.Throws<StartRefusal>(() => LinkKeys.Open(_directory, TimeProvider.System));
        }
    }

    [Fact]
    public void NextKeyAlone_RefusesTheStart()
    {
        LinkKeys.Open(_directory, TimeProvider.System).Dispose();
        File.Move(FileOf(LinkKeys.CurrentName), FileOf(LinkKeys.NextName));

        Assert.Throws<StartRefusal>(() => LinkKeys.Open(_directory, TimeProvider.System));
    }

    [Fact]
    public void Rotation_SurvivesARestartAtEachStep()
    {
        using var keys = LinkKeys.Open(_directory, TimeProvider.System);
        var old = keys.Pins[0];

        var next = keys.Prepare(s_until);
        using var halfWay = LinkKeys.Open(_directory, TimeProvider.System);

        Assert.NotEqual(old, next);
        Assert.Equal([old, next], keys.Pins);
        Assert.Equal([old, next], halfWay.Pins);
        Assert.Equal(s_until, halfWay.NextUntil);
        Assert.Equal(next, halfWay.Prepare(s_until));

        halfWay.Switch();
        using var after = LinkKeys.Open(_directory, TimeProvider.System);

        Assert.Equal([next], halfWay.Pins);
        Assert.Equal([next], after.Pins);
        Assert.Null(after.NextUntil);
        Assert.Equal(Portunus.Shared.Link.ServerPin.Of(after.Certificate.PublicKey.ExportSubjectPublicKeyInfo()), next);
    }

    [Fact]
    public void WhatWasBegunWhenAProcessWasKilled_IsCleared()
    {
        using var keys = LinkKeys.Open(_directory, TimeProvider.System);
        File.WriteAllText(FileOf($"{LinkKeys.NextName}.tmp"), "half");

        using var again = LinkKeys.Open(_directory, TimeProvider.System);

        Assert.Equal(keys.Pins, again.Pins);
        Assert.False(File.Exists(FileOf($"{LinkKeys.NextName}.tmp")));
    }

    private string FileOf(string name) => Path.Combine(DataDirectory.LinkFolderOf(_folder.Path), name);
}

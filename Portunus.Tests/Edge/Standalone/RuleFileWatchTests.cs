using Portunus.Edge.Native;
using Portunus.Edge.Standalone;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Standalone;

public sealed class RuleFileWatchTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Path => _folder.File("f");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_FileThatOnlyLooksTheSame_IsAnother()
    {
        File.WriteAllText(Path, "one");
        var written = File.GetLastWriteTimeUtc(Path);
        var before = FileStamp.Of(Path);
        Assert.Equal(before, FileStamp.Of(Path));

        // Same length, same time of writing, as "cp -p" makes it.
        File.WriteAllText(_folder.File("g"), "two");
        File.SetLastWriteTimeUtc(_folder.File("g"), written);
        File.Move(_folder.File("g"), Path, overwrite: true);
        Assert.NotEqual(before, FileStamp.Of(Path));
    }

    [Fact]
    public void Of_NoFile_IsNone() => Assert.Null(FileStamp.Of(Path));

    [Fact]
    public void Of_File_HasItsSizeAndTime()
    {
        File.WriteAllText(Path, "four");
        var stamp = FileStamp.Of(Path);
        Assert.Equal(4UL, stamp?.Bytes);
        Assert.Equal(new DateTimeOffset(File.GetLastWriteTimeUtc(Path)).ToUnixTimeMilliseconds(), stamp?.WrittenAt / 1_000_000);
    }

    [Fact]
    public async Task Run_FileThatStays_IsQuietUntilItChangesThenIsGoneThenIsBack()
    {
        File.WriteAllText(Path, "one");
        var (changes, gone) = (0, 0);
        using var stop = new CancellationTokenSource();
        var watching = new RuleFileWatch(Path, TimeProvider.System).RunAsync(
            FileStamp.Of(Path), () => Interlocked.Increment(ref changes), () => Interlocked.Increment(ref gone), stop.Token);

        File.WriteAllText(Path, "two!");
        await Eventually.Equals(1, () => Volatile.Read(ref changes), "the change is told");
        File.Delete(Path);
        await Eventually.Equals(1, () => Volatile.Read(ref gone), "the loss is told");
        Assert.Equal(1, Volatile.Read(ref changes));
        File.WriteAllText(Path, "three");
        await Eventually.Equals(2, () => Volatile.Read(ref changes), "the return is told");
        await stop.CancelAsync();
        await Eventually.Within(watching);
        Assert.Equal((2, 1), (changes, gone));
    }
}

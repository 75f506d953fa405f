using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Shared.Rules;
using Portunus.Tests.Kit;
using Portunus.Web.Database.Tables;

namespace Portunus.Tests.Web.Maintenance;

/// <summary>What a restored store is to edges that have seen more than it knows, and to a disk that loses power.</summary>
public sealed partial class RestoredStoreTests
{
    [Fact]
    public async Task Rules_HaveRevisionsThatNoEdgeHasSeen_HoweverOftenOneBackupIsRestored()
    {
        using var store = new FilledStore();
        using var away = new DataFolder();
        AddRule(store.Path, revision: 5);
        FilledStore.Read(store.Path, db => { db.Add(new RuleTombstone { RuleId = RuleId.New(), EdgeId = db.Edges.Single().Id, Revision = 7 }); return db.SaveChanges(); });
        (await WebVerb.RunAsync(store.Path, "backup", away.File("b"))).Ends(0);
        // Changed after the backup: edges have these numbers, with contents that nobody else has any more.
        FilledStore.Read(store.Path, db => db.Rules.ExecuteUpdate(rule => rule.SetProperty(one => one.Revision, 9)));
        var seen = 9L;
        foreach (var folder in new[] { store.Path, store.Path, away.File("elsewhere") })
        {
            (await WebVerb.RunAsync(folder, "restore", away.File("b"), "--force")).Ends(0);
            var revision = FilledStore.Read(folder, db => db.Rules.Single().Revision);
            Assert.True(revision > seen, $"{revision} after {seen}");
            Assert.Equal(revision, FilledStore.Read(folder, db => db.RuleTombstones.Single().Revision));
            seen = revision + 3;
            FilledStore.Read(folder, db => db.Rules.ExecuteUpdate(rule => rule.SetProperty(one => one.Revision, seen)));
        }
    }

    [Fact]
    public async Task KeysOfTheLinkAndOfTheProgram_AreInTheBackup()
    {
        using var store = new FilledStore();
        using var away = new DataFolder();
        Directory.CreateDirectory(store.File("keys"));
        await File.WriteAllTextAsync(store.File("keys/key-1.xml"), "<key/>");
        (await WebVerb.RunAsync(store.Path, "backup", away.File("b"))).Ends(0);
        (await WebVerb.RunAsync(away.File("x"), "restore", away.File("b"))).Ends(0);
        Assert.Equal("<key/>", await File.ReadAllTextAsync(away.File("x/keys/key-1.xml")));
        Assert.Equal(FilledStore.LinkKey, await File.ReadAllTextAsync(away.File("x/link/current.pem")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(away.File("x/keys/key-1.xml")));
    }

    [StraceFact]
    public async Task Restore_IsOnTheDiskBeforeItIsTold()
    {
        using var store = new FilledStore();
        using var away = new DataFolder();
        (await WebVerb.RunAsync(store.Path, "backup", away.File("b"))).Ends(0);
        var run = await CommandRun.RunAsync("strace", ["-f", "-y", "-qq", "-o", away.File("trace"), "-e", "trace=rename,fsync,fdatasync,write", "-e", "signal=none", "-s", "64",
            WebProcess.Program, "restore", away.File("b"), "--force", "--data-dir", store.Path]);
        Assert.True(run.ExitCode == 0, run.Errors);
        var calls = await File.ReadAllLinesAsync(away.File("trace"));
        var decided = Array.FindIndex(calls, call => call.Contains("rename(", StringComparison.Ordinal) && call.Contains("replacement.decided", StringComparison.Ordinal));
        var lastRename = Array.FindLastIndex(calls, call => call.Contains("rename(", StringComparison.Ordinal));
        var told = Array.FindIndex(calls, call => call.Contains("Restored ", StringComparison.Ordinal));
        Assert.True(decided > 0 && lastRename > decided && told > lastRename, string.Join('\n', calls));

        // Every file before the rename that decides, and the folder itself after the last one.
        var flushed = calls.Take(decided).Select(call => Flush().Match(call)).Where(match => match.Success).Select(match => match.Groups[1].Value).ToList();
        foreach (var name in new[] { "new/portunus.db", "new/link/current.pem", "new/server.toml", "order" })
        {
            Assert.Contains(flushed, path => path.EndsWith($"replacement.tmp/{name}", StringComparison.Ordinal));
        }

        Assert.Contains(calls[lastRename..told], call => Flush().Match(call) is { Success: true } flush && flush.Groups[1].Value == store.Path);
    }

    [SmallDiskFact]
    public async Task NoRoomToRestore_IsOneSentenceAndLeavesWhatWasThere()
    {
        using var store = new FilledStore("lisbon");
        using var other = new FilledStore("porto");
        using var away = new DataFolder();
        using var disk = new SmallDisk();
        var folder = Path.Combine(disk.Path, "data");
        (await WebVerb.RunAsync(store.Path, "backup", away.File("lisbon"))).Ends(0);
        (await WebVerb.RunAsync(other.Path, "backup", away.File("porto"))).Ends(0);
        (await WebVerb.RunAsync(folder, "restore", away.File("porto"))).Ends(0);
        var before = FilledStore.Picture(folder);
        disk.Fill();
        var full = (await WebVerb.RunAsync(folder, "restore", away.File("lisbon"), "--force")).Ends(1);
        Assert.Single(full.Errors.Trim().Split('\n'));
        disk.Free();
        Assert.Equal(before, FilledStore.Picture(folder));
        (await WebVerb.RunAsync(folder, "restore", away.File("lisbon"), "--force")).Ends(0);
        Assert.Equal("lisbon", FilledStore.Read(folder, db => db.Edges.Single().Name));
    }

    private static void AddRule(string folder, long revision) => FilledStore.Read(folder, db =>
    {
        db.Rules.Add(new Rule
        {
            Id = RuleId.New(),
            EdgeId = db.Edges.Single().Id,
            OwnerId = db.Accounts.Single().Id,
            Protocol = TransportProtocol.Tcp,
            FirstPort = 8080,
            LastPort = 8080,
            Revision = revision,
        });
        return db.SaveChanges();
    });

    [GeneratedRegex(@"(?:fsync|fdatasync)\(\d+<([^>]+)>")]
    private static partial Regex Flush();
}

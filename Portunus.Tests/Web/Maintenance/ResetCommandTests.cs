using System.Text;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Web.Maintenance;

/// <summary>Beginning anew.</summary>
public sealed class ResetCommandTests
{
    [Fact]
    public async Task Reset_WithoutConfirm_OnlySaysWhatWouldGo()
    {
        using var store = new FilledStore();
        var before = FilledStore.Picture(store.Path);
        Assert.Contains("would delete", (await WebVerb.RunAsync(store.Path, "reset")).Ends(2).Errors, StringComparison.Ordinal);
        Assert.Equal(before, FilledStore.Picture(store.Path));
    }

    [Fact]
    public async Task Reset_LeavesOptionsAndKeysAndNothingElse()
    {
        using var store = new FilledStore();
        var epoch = long.Parse(FilledStore.Epoch(store.Path));
        (await WebVerb.RunAsync(store.Path, "reset", "--confirm")).Ends(0);
        Assert.True(long.Parse(FilledStore.Epoch(store.Path)) > epoch);
        Assert.Equal(0, FilledStore.Read(store.Path, db => db.Accounts.Count() + db.Edges.Count()));
        Assert.Equal("store.reset", FilledStore.Read(store.Path, db => db.AuditEntries.Single().Action));
        Assert.Equal(FilledStore.LinkKey, await File.ReadAllTextAsync(store.File("link/current.pem")));
        Assert.Equal(FilledStore.Toml, await File.ReadAllTextAsync(store.File("server.toml")));
        Assert.DoesNotContain(Directory.EnumerateFiles(store.Path, "*", SearchOption.AllDirectories), file => File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes("lisbon")) >= 0);
    }

    [Fact]
    public async Task Reset_OfWhatIsNoStore_LeavesIt()
    {
        using var store = new FilledStore();
        await File.WriteAllTextAsync(store.File("portunus.db"), "the notes of somebody, kept under this very name");
        Assert.Contains("no store", (await WebVerb.RunAsync(store.Path, "reset", "--confirm")).Ends(1).Errors, StringComparison.Ordinal);
        Assert.StartsWith("the notes", await File.ReadAllTextAsync(store.File("portunus.db")), StringComparison.Ordinal);
    }
}

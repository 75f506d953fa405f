using Microsoft.EntityFrameworkCore;
using Portunus.Tests.Kit;
using Portunus.Web.Database;
using Portunus.Web.Maintenance;

namespace Portunus.Tests.Web.Maintenance;

/// <summary>Out of one directory and into another, without a server.</summary>
public sealed class BackupRestoreTests
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private static readonly Dictionary<string, string> s_passphrase = Passphrase("seven quiet otters");

    [Fact]
    public async Task Restore_IntoAnEmptyDirectory_HoldsEverythingUnderANewEpoch()
    {
        using var store = new FilledStore();
        using var to = new DataFolder();
        var before = FilledStore.Picture(store.Path);
        var said = (await WebVerb.RunAsync(store.Path, "backup", to.File("b"))).Ends(0);
        Assert.Contains("not encrypted", said.Output, StringComparison.Ordinal);
        Assert.Equal(before, FilledStore.Picture(store.Path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(to.File("b")));
        var folder = to.File("moved");
        (await WebVerb.RunAsync(folder, "restore", to.File("b"))).Ends(0);
        Assert.Equal(FilledStore.LinkKey, await File.ReadAllTextAsync(Path.Combine(folder, "link/current.pem")));
        Assert.Equal(FilledStore.Toml, await File.ReadAllTextAsync(Path.Combine(folder, "server.toml")));
        Assert.Equal("ada lisbon", FilledStore.Read(folder, db => $"{db.Accounts.Single().UserName} {db.Edges.Single().Name}"));
        Assert.True(long.Parse(FilledStore.Epoch(folder)) > long.Parse(FilledStore.Epoch(store.Path)));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories), path => (File.GetUnixFileMode(path) & Others) != UnixFileMode.None);
        Assert.Empty(Directory.EnumerateDirectories(folder).Select(Path.GetFileName).Except(["link"]));
    }

    [Fact]
    public async Task Restore_EndsWhatWasGoodForThatDayOnly()
    {
        using var store = new FilledStore();
        (await WebVerb.RunAsync(store.Path, "backup", store.File("b"))).Ends(0);
        (await WebVerb.RunAsync(store.Path, "restore", store.File("b"), "--force")).Ends(0);
        Assert.Equal(0, FilledStore.Read(store.Path, db => db.SignIns.Count()));
        Assert.Equal(0, FilledStore.Read(store.Path, db => db.EnrollCodes.Count(code => code.CancelledAt == null)));
        Assert.Equal("store.restore local", FilledStore.Read(store.Path, db => db.AuditEntries.OrderBy(entry => entry.Seq).Last() is var last ? $"{last.Action} {last.ActorName}" : ""));
    }

    [Fact]
    public async Task Restore_WhereSomethingIs_NeedsForceAndKeepsIt()
    {
        using var one = new FilledStore("lisbon");
        using var other = new FilledStore("porto");
        using var away = new DataFolder();
        (await WebVerb.RunAsync(one.Path, "backup", away.File("b"))).Ends(0);
        var before = FilledStore.Picture(other.Path);
        Assert.Contains("not empty", (await WebVerb.RunAsync(other.Path, "restore", away.File("b"))).Ends(1).Errors, StringComparison.Ordinal);
        Assert.Equal(before, FilledStore.Picture(other.Path));
        (await WebVerb.RunAsync(other.Path, "restore", away.File("b"), "--force")).Ends(0);
        Assert.Equal("lisbon", FilledStore.Read(other.Path, db => db.Edges.Single().Name));
        var kept = Directory.EnumerateDirectories(other.Path, "replaced-*").Single();
        Assert.Equal("porto", FilledStore.Read(kept, db => db.Edges.Single().Name));
    }

    [Fact]
    public async Task Restore_BesideAProcessThatHasTheDirectory_IsRefused()
    {
        using var store = new FilledStore();
        using var away = new DataFolder();
        (await WebVerb.RunAsync(store.Path, "backup", away.File("b"))).Ends(0);
        var before = FilledStore.Picture(store.Path);
        using (DataDirectory.Open(store.Path))
        {
            Assert.Contains("in use", (await WebVerb.RunAsync(store.Path, "restore", away.File("b"), "--force")).Ends(1).Errors, StringComparison.Ordinal);
            Assert.Contains("in use", (await WebVerb.RunAsync(store.Path, "reset", "--confirm")).Ends(1).Errors, StringComparison.Ordinal);
        }

        Assert.Equal(before, FilledStore.Picture(store.Path));
    }

    [Fact]
    public async Task SealedBackup_OpensWithItsPassphraseOnly()
    {
        using var store = new FilledStore();
        using var away = new DataFolder();
        await File.WriteAllTextAsync(away.File("pass"), "seven quiet otters\n");
        (await WebVerb.RunAsync(store.Path, "backup", away.File("b"), "--passphrase-file", away.File("pass"))).Ends(0);
        Assert.Contains("wrong", (await WebVerb.RunAsync(away.File("x"), Passphrase("seven quiet ottars"), "restore", away.File("b"))).Ends(65).Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(away.File("x/portunus.db")));
        (await WebVerb.RunAsync(away.File("x"), s_passphrase, "restore", away.File("b"))).Ends(0);
        Assert.Equal("lisbon", FilledStore.Read(away.File("x"), db => db.Edges.Single().Name));
    }

    [Fact]
    public async Task ShortPassphrase_IsRefused()
    {
        using var store = new FilledStore();
        (await WebVerb.RunAsync(store.Path, Passphrase("short"), "backup", store.File("b"))).Ends(2);
        Assert.False(File.Exists(store.File("b")));
    }

    [Fact]
    public async Task DamagedBackup_IsRefusedWhereverItIsDamagedAndNothingIsTouched()
    {
        using var store = new FilledStore();
        using var away = new DataFolder();
        foreach (var passphrase in new[] { Passphrase(null), s_passphrase })
        {
            var file = away.File($"b{passphrase.Count}");
            (await WebVerb.RunAsync(store.Path, passphrase, "backup", file)).Ends(0);
            var good = await File.ReadAllBytesAsync(file);
            var before = FilledStore.Picture(store.Path);
            // Every part of the file once: name, version, flags, salt, body, checksum.
            foreach (var place in new[] { 0, 17, 20, 30, 41, good.Length / 3, good.Length / 2, good.Length - 33, good.Length - 1 })
            {
                var bad = good.ToArray();
                bad[place] ^= 1;
                await RefusedAsync(bad, $"a bit at {place}");
            }

            foreach (var length in new[] { 0, 15, 39, 71, good.Length / 2, good.Length - 1 })
            {
                await RefusedAsync(good[..length], $"cut at {length}");
            }

            async Task RefusedAsync(byte[] bytes, string what)
            {
                await File.WriteAllBytesAsync(away.File("bad"), bytes);
                var run = await WebVerb.RunAsync(store.Path, passphrase, "restore", away.File("bad"), "--force");
                Assert.True(run.Code == 65, $"{what}: {run.Code} {run.Errors}");
                Assert.Equal(before, FilledStore.Picture(store.Path));
            }
        }
    }

    [Fact]
    public async Task ForgedBackup_WithAFittingChecksum_IsRefusedOrHoldsTheVerySame()
    {
        using var store = new FilledStore();
        using var away = new DataFolder();
        foreach (var passphrase in new[] { null, "seven quiet otters" })
        {
            var file = away.File($"b{passphrase}");
            (await WebVerb.RunAsync(store.Path, Passphrase(passphrase), "backup", file)).Ends(0);
            var good = await File.ReadAllBytesAsync(file);
            var whole = await LayOutAsync(good);
            const int Places = 24;
            var refused = 0;
            for (var i = 0; i < Places; i++)
            {
                var bytes = good.ToArray();
                bytes[BackupHeader.Length + ((good.Length - BackupHeader.Length - BackupHeader.ChecksumLength) * i / Places)] ^= 4;
                System.Security.Cryptography.SHA256.HashData(bytes.AsSpan(0, bytes.Length - BackupHeader.ChecksumLength), bytes.AsSpan(bytes.Length - BackupHeader.ChecksumLength));
                // Some bits of a packed file mean nothing, or the same by another way.
                var found = await LayOutAsync(bytes);
                Assert.True(found is null || found == whole, $"part {i} of {Places}");
                refused += found is null ? 1 : 0;
            }

            Assert.True(passphrase is null ? refused > Places / 2 : refused == Places, $"{refused} of {Places}");

            async Task<string?> LayOutAsync(byte[] bytes)
            {
                await File.WriteAllBytesAsync(file, bytes);
                var folder = Directory.CreateDirectory(away.File("out")).FullName;
                try
                {
                    var header = await BackupReader.ProveAsync(file, CancellationToken.None);
                    await BackupReader.LayOutAsync(file, header, passphrase, Directory.CreateDirectory(away.File("scratch")).FullName, folder, CancellationToken.None);
                    return FilledStore.Picture(folder);
                }
                catch (MaintenanceRefusal refusal)
                {
                    Assert.Equal(65, refusal.ExitCode);
                    return null;
                }
                finally
                {
                    Directory.Delete(folder, recursive: true);
                    Directory.Delete(away.File("scratch"), recursive: true);
                }
            }
        }
    }

    [Fact]
    public async Task NewerFormatAndNewerSchema_AreRefusedWith78()
    {
        using var store = new FilledStore();
        using var away = new DataFolder();
        FilledStore.Read(store.Path, db => db.Database.ExecuteSqlRaw("INSERT INTO __EFMigrationsHistory VALUES ('29990101000000_Later', '99.0.0')"));
        // A newer store can still be saved by this program: it is copied as it is.
        (await WebVerb.RunAsync(store.Path, "backup", away.File("schema"))).Ends(0);
        Assert.Contains("29990101000000_Later", (await WebVerb.RunAsync(away.File("x"), "restore", away.File("schema"))).Ends(78).Errors, StringComparison.Ordinal);
        var bytes = await File.ReadAllBytesAsync(away.File("schema"));
        bytes[16] = 2;
        await File.WriteAllBytesAsync(away.File("format"), bytes);
        (await WebVerb.RunAsync(away.File("x"), "restore", away.File("format"))).Ends(78);
        Assert.False(File.Exists(away.File("x/portunus.db")));
    }

    [Fact]
    public async Task Backup_OfADamagedStore_IsRefused()
    {
        using var store = new FilledStore();
        using (var file = File.OpenWrite(store.File("portunus.db")))
        {
            file.Position = 4096 * 3;
            file.Write(new byte[4096 * 4]);
        }

        Assert.Contains("damaged", (await WebVerb.RunAsync(store.Path, "backup", store.File("b"))).Ends(1).Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(store.File("b")));
        Assert.Empty(Directory.EnumerateFiles(store.Path, "*.tmp"));
    }

    [Fact]
    public async Task Backup_NeverWritesOverAFile_AndNamesOneInAFolder()
    {
        using var store = new FilledStore();
        using var away = new DataFolder();
        await File.WriteAllTextAsync(away.File("b"), "mine");
        (await WebVerb.RunAsync(store.Path, "backup", away.File("b"))).Ends(1);
        Assert.Equal("mine", await File.ReadAllTextAsync(away.File("b")));
        Directory.CreateDirectory(away.File("all"));
        (await WebVerb.RunAsync(store.Path, "backup", away.File("all"))).Ends(0);
        Assert.EndsWith(".backup", Directory.EnumerateFiles(away.File("all")).Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task MistypedDirectory_IsNotMade()
    {
        using var away = new DataFolder();
        (await WebVerb.RunAsync(away.File("typo"), "backup", away.File("b"))).Ends(1);
        (await WebVerb.RunAsync(away.File("typo"), "reset", "--confirm")).Ends(1);
        Assert.False(Directory.Exists(away.File("typo")));
    }

    [Fact]
    public async Task Backup_HoldsTheAdminCertificateOfTheDirectory_AndTellsOfOneOutside()
    {
        using var store = new FilledStore();
        using var away = new DataFolder();
        Directory.CreateDirectory(store.File("tls"));
        await File.WriteAllTextAsync(store.File("tls/admin.key"), "the key");
        await File.WriteAllTextAsync(away.File("admin.pem"), "the chain");
        await File.WriteAllTextAsync(store.File("server.toml"), $"admin_tls_cert = \"{away.File("admin.pem")}\"\nadmin_tls_key = \"{store.File("tls/admin.key")}\"\n");
        Assert.Contains("admin.pem lies outside", (await WebVerb.RunAsync(store.Path, "backup", away.File("b"))).Ends(0).Errors, StringComparison.Ordinal);
        (await WebVerb.RunAsync(away.File("x"), "restore", away.File("b"))).Ends(0);
        Assert.Equal("the key", await File.ReadAllTextAsync(away.File("x/tls/admin.key")));
        Assert.False(File.Exists(away.File("x/admin.pem")));
    }

    private static Dictionary<string, string> Passphrase(string? text) => text is null ? [] : new() { ["PORTUNUS_BACKUP_PASSPHRASE"] = text };
}

using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Portunus.Tests.Kit;
using Portunus.Web.Database;

namespace Portunus.Tests.Web.Database;

/// <summary>A store of an older schema: copied, upgraded at the start, and left alone where that cannot be.</summary>
public sealed class UpgradeTests
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public async Task StoreOfTheFirstSchema_IsCopiedUpgradedAndServed()
    {
        using var folder = new DataFolder();
        var first = MakeOld(folder.Path);
        await using (var web = await WebProcess.ServingAsync(folder.Path))
        {
            Assert.Contains("is upgraded; a copy from before is", web.Text, StringComparison.Ordinal);
            Assert.Equal(200, (await new WebCaller(web.Address).GetAsync("/readyz")).Status);
            Assert.Equal(0, await web.StopAsync());
        }

        var copy = Assert.Single(Copies(folder.Path));
        Assert.Equal(OwnerFile, File.GetUnixFileMode(copy));
        Assert.Equal((first, "kept"), (LastMigration(copy), Kept(copy)));
        FilledStore.Read(folder.Path, db =>
        {
            Assert.Empty(db.Database.GetPendingMigrations());
            return 0;
        });
        Assert.Equal("kept", Kept(DataDirectory.DatabaseFileOf(folder.Path)));

        // The next start has nothing to upgrade, and makes no copy.
        await using (var web = await WebProcess.ServingAsync(folder.Path))
        {
            Assert.DoesNotContain("is upgraded", web.Text, StringComparison.Ordinal);
        }

        Assert.Equal([copy], Copies(folder.Path));
    }

    [Fact]
    public void Copies_BeyondThree_AreTheOldestAndGo()
    {
        using var folder = new DataFolder();
        MakeOld(folder.Path);
        foreach (var day in new[] { "01", "02", "03" })
        {
            File.WriteAllText(folder.File($"portunus.db.before-upgrade-202501{day}T000000000Z"), day);
        }

        string made;
        using (var directory = DataDirectory.Open(folder.Path))
        {
            made = DbStartup.Prepare(directory, TimeProvider.System) ?? "";
        }

        Assert.Equal([folder.File("portunus.db.before-upgrade-20250102T000000000Z"), folder.File("portunus.db.before-upgrade-20250103T000000000Z"), made], Copies(folder.Path));
        FilledStore.Read(folder.Path, _ => 0);
    }

    [SmallDiskFact]
    public async Task NoRoomForTheCopy_IsOneSentenceAndTheStoreIsAsItWas()
    {
        using var disk = new SmallDisk();
        var folder = Path.Combine(disk.Path, "data");
        Directory.CreateDirectory(folder);
        var first = MakeOld(folder);
        // Room enough to open the store, and not for another one.
        var reserve = Path.Combine(disk.Path, "reserve");
        await File.WriteAllBytesAsync(reserve, new byte[512 * 1024]);
        disk.Fill();
        File.Delete(reserve);
        var (code, output, errors) = await WebProcess.RunAsync("", "--data-dir", folder, "--admin-listen", "127.0.0.1:0");
        Assert.True(code == 1 && output.Length == 0 && errors.Contains("cannot be copied before", StringComparison.Ordinal) && errors.Trim().Split('\n').Length == 1, $"{code} {output}{errors}");
        Assert.Empty(Copies(folder));
        Assert.Equal((first, "kept"), (LastMigration(DataDirectory.DatabaseFileOf(folder)), Kept(DataDirectory.DatabaseFileOf(folder))));

        disk.Free();
        await using var web = await WebProcess.ServingAsync(folder);
        Assert.Single(Copies(folder));
        Assert.Equal(0, await web.StopAsync());
    }

    /// <summary>A store as the first version left it, with one row that must outlive the upgrade.</summary>
    private static string MakeOld(string folder)
    {
        using var directory = DataDirectory.Open(folder);
        DataDirectory.MakePrivate(directory.DatabaseFile);
        string first;
        using (var db = DbStartup.Open(directory.DatabaseFile))
        {
            first = db.Database.GetMigrations().First();
            db.Database.OpenConnection();
            db.GetService<IMigrator>().Migrate(first);
            SqlitePragmas.TurnOnWal((SqliteConnection)db.Database.GetDbConnection());
            db.Database.ExecuteSqlRaw("INSERT INTO Settings (Key, Value, Revision, ChangedAt) VALUES ('advertised_address', 'kept', 1, 0), ('ballast', hex(zeroblob(1000000)), 1, 0)");
        }

        using var pool = new SqliteConnection(SqlitePragmas.ConnectionString(directory.DatabaseFile));
        SqliteConnection.ClearPool(pool);
        return first;
    }

    private static List<string> Copies(string folder) => [.. Directory.EnumerateFiles(folder, "portunus.db.before-upgrade-*").Order(StringComparer.Ordinal)];

    private static string LastMigration(string file) => Ask(file, "SELECT max(MigrationId) FROM __EFMigrationsHistory");

    private static string Kept(string file) => Ask(file, "SELECT Value FROM Settings WHERE Key = 'advertised_address'");

    private static string Ask(string file, string sql)
    {
        using var store = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
        store.Open();
        using var command = store.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() as string ?? "";
    }
}

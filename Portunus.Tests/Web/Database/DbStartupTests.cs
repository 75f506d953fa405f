using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Portunus.Tests.Kit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;

namespace Portunus.Tests.Web.Database;

/// <summary>What is refused before the store is opened, and what a fresh one is like.</summary>
public sealed class DbStartupTests
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    [Fact]
    public void FreshDirectory_GetsASchemaThatIsTheModels()
    {
        using var store = new TempDb();
        using var db = store.CreateDbContext();
        Assert.False(db.Database.HasPendingModelChanges());
        Assert.Empty(db.Database.GetPendingMigrations());
        Assert.NotEqual("", db.Settings.Single(setting => setting.Key == Setting.PlanEpoch).Value);
    }

    [Fact]
    public void SecondStart_KeepsTheEpochAndMakesNoCopy()
    {
        using var folder = new DataFolder();
        string Epoch()
        {
            using var directory = DataDirectory.Open(folder.Path);
            Assert.Null(DbStartup.Prepare(directory, TimeProvider.System));
            using var db = DbStartup.Open(directory.DatabaseFile);
            return db.Settings.Single(setting => setting.Key == Setting.PlanEpoch).Value;
        }

        Assert.Equal(Epoch(), Epoch());
    }

    [Fact]
    public void Everything_IsClosedToOthers()
    {
        using var folder = new DataFolder();
        File.SetUnixFileMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | Others);
        using var directory = DataDirectory.Open(folder.Path);
        DbStartup.Prepare(directory, TimeProvider.System);
        using var db = DbStartup.Open(directory.DatabaseFile);
        Assert.NotEmpty(db.Settings.ToList());
        var open = Directory.EnumerateFileSystemEntries(folder.Path).Append(folder.Path)
            .Where(path => (File.GetUnixFileMode(path) & Others) != UnixFileMode.None);
        Assert.Empty(open);
    }

    [Fact]
    public void SecondOpening_IsRefusedUntilTheFirstIsGone()
    {
        using var folder = new DataFolder();
        using (DataDirectory.Open(folder.Path))
        {
            var refusal = Assert.Throws<StartRefusal>(() => DataDirectory.Open(folder.Path));
            Assert.Contains("in use", refusal.Message, StringComparison.Ordinal);
        }

        DataDirectory.Open(folder.Path).Dispose();
    }

    [Fact]
    public void LockOfAnotherProcess_IsSeen()
    {
        using var folder = new DataFolder();
        var file = DataDirectory.LockFileOf(folder.Path);
        using var holder = Process.Start(new ProcessStartInfo("flock", ["--exclusive", file, "sh", "-c", "echo held; read line"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        })!;
        Assert.Equal("held", holder.StandardOutput.ReadLine());
        Assert.Throws<StartRefusal>(() => DataDirectory.Open(folder.Path));
        holder.StandardInput.WriteLine();
        holder.WaitForExit();
        DataDirectory.Open(folder.Path).Dispose();
    }

    [Fact]
    public void NewerSchema_IsRefusedWith78AndLeftAlone()
    {
        using var folder = new DataFolder();
        using var directory = DataDirectory.Open(folder.Path);
        DbStartup.Prepare(directory, TimeProvider.System);
        using (var db = DbStartup.Open(directory.DatabaseFile))
        {
            db.Database.ExecuteSqlRaw("INSERT INTO __EFMigrationsHistory VALUES ('29990101000000_Later', '99.0.0')");
        }

        var refusal = Assert.Throws<StartRefusal>(() => DbStartup.Prepare(directory, TimeProvider.System));
        Assert.Equal(78, refusal.ExitCode);
        Assert.Contains("29990101000000_Later", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FileThatIsNoStore_IsRefusedAndLeftAlone()
    {
        using var folder = new DataFolder();
        using var directory = DataDirectory.Open(folder.Path);
        var text = string.Concat(Enumerable.Repeat("not a store\n", 1000));
        File.WriteAllText(directory.DatabaseFile, text);
        Assert.Throws<StartRefusal>(() => DbStartup.Prepare(directory, TimeProvider.System));
        Assert.Equal(text, File.ReadAllText(directory.DatabaseFile));
    }

    [Fact]
    public void Connection_IsSetUpForDurableWrites()
    {
        using var store = new TempDb();
        using var db = store.CreateDbContext();
        db.Database.OpenConnection();
        object? Pragma(string name)
        {
            using var command = db.Database.GetDbConnection().CreateCommand();
            command.CommandText = $"PRAGMA {name}";
            return command.ExecuteScalar();
        }

        Assert.Equal("wal", Pragma("journal_mode"));
        Assert.Equal(2L, Pragma("synchronous"));
        Assert.Equal(1L, Pragma("foreign_keys"));
        Assert.Equal((long)SqlitePragmas.BusyTimeoutMs, Pragma("busy_timeout"));
        // The last of the batch: the driver says nothing when a later statement of several is never run.
        Assert.Equal(-8000L, Pragma("cache_size"));
        Assert.Contains("Cache=Private", SqlitePragmas.ConnectionString("x"), StringComparison.Ordinal);
    }

    [Fact]
    public void ForeignKeys_Hold()
    {
        using var store = new TempDb();
        using var db = store.CreateDbContext();
        db.Grants.Add(new Grant { AccountId = Portunus.Shared.Ids.AccountId.New(), FirstPort = 1, LastPort = 2 });
        var broken = Assert.Throws<DbUpdateException>(() => db.SaveChanges());
        Assert.IsType<SqliteException>(broken.InnerException);
    }
}

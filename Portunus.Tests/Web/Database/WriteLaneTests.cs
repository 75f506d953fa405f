using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Portunus.Tests.Kit;
using Portunus.Web.Database.Tables;

namespace Portunus.Tests.Web.Database;

/// <summary>Writes take turns, see what was committed before them, and leave nothing half done.</summary>
public sealed class WriteLaneTests
{
    [Fact]
    public async Task ManyAtOnce_NoneLosesAnothersChange()
    {
        using var store = new TempDb();
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(async () =>
        {
            await using var write = await store.Lane.BeginAsync(CancellationToken.None);
            var setting = await write.Db.Settings.SingleOrDefaultAsync(one => one.Key == "count");
            if (setting is null)
            {
                write.Db.Settings.Add(setting = new Setting { Key = "count", Value = "0" });
            }

            setting.Value = (int.Parse(setting.Value) + 1).ToString();
            await write.CommitAsync();
        })));
        using var db = store.CreateDbContext();
        Assert.Equal("50", db.Settings.Single(one => one.Key == "count").Value);
    }

    [Fact]
    public async Task NotCommitted_LeavesNothingAndLetsTheNextOneIn()
    {
        using var store = new TempDb();
        await using (var write = await store.Lane.BeginAsync(CancellationToken.None))
        {
            write.Db.Settings.Add(new Setting { Key = "lost" });
            await write.Db.SaveChangesAsync();
        }

        await using (var write = await Eventually.Within(store.Lane.BeginAsync(CancellationToken.None)))
        {
            Assert.False(await write.Db.Settings.AnyAsync(one => one.Key == "lost"));
        }
    }

    [Fact]
    public async Task Begun_HoldsTheWriteLockBeforeItsFirstStatement()
    {
        using var store = new TempDb();
        await using var write = await store.Lane.BeginAsync(CancellationToken.None);
        using var other = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = store.Directory.DatabaseFile, Pooling = false }.ToString());
        other.Open();
        using var command = other.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        command.CommandTimeout = 1;
        var busy = Assert.Throws<SqliteException>(() => command.ExecuteNonQuery());
        Assert.Equal(SQLitePCL.raw.SQLITE_BUSY, busy.SqliteErrorCode);
    }

    [Fact]
    public async Task WaitGivenUp_DoesNotTakeTheTurn()
    {
        using var store = new TempDb();
        using var cancel = new CancellationTokenSource();
        var first = await store.Lane.BeginAsync(CancellationToken.None);
        var second = store.Lane.BeginAsync(cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        await first.DisposeAsync();
        await (await Eventually.Within(store.Lane.BeginAsync(CancellationToken.None))).DisposeAsync();
    }
}

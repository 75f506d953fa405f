using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Portunus.Web.Database;
using Portunus.Web.Live;

namespace Portunus.Tests.Kit;

/// <summary>A real store in a folder of its own, migrated and empty, for tests of Readers and Writers.</summary>
internal sealed class TempDb : IDbContextFactory<PortunusDb>, IDisposable
{
    private readonly DataFolder _folder = new();

    public TempDb()
    {
        Directory = DataDirectory.Open(_folder.Path);
        DbStartup.Prepare(Directory, TimeProvider.System);
        Lane = new WriteLane(this, Feed);
    }

    public DataDirectory Directory { get; }

    public WriteLane Lane { get; }

    public LiveFeed Feed { get; } = new(NullLogger<LiveFeed>.Instance);

    public PortunusDb CreateDbContext() => DbStartup.Open(Directory.DatabaseFile);

    public void Dispose()
    {
        Lane.Dispose();
        Directory.Dispose();
        using (var pool = new SqliteConnection(SqlitePragmas.ConnectionString(Directory.DatabaseFile)))
        {
            SqliteConnection.ClearPool(pool);
        }

        _folder.Dispose();
    }
}

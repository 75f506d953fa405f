using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Portunus.Web.Database;

namespace Portunus.Tests.Kit;

/// <summary>A real store in a folder of its own, migrated and empty, for tests of Readers and Writers.</summary>
internal sealed class TempDb : IDbContextFactory<PortunusDb>, IDisposable
{
    private readonly DataFolder _folder = new();

    public TempDb()
    {
        Directory = DataDirectory.Open(_folder.Path);
        DbStartup.Prepare(Directory, TimeProvider.System);
        Lane = new WriteLane(this);
    }

    public DataDirectory Directory { get; }

    public WriteLane Lane { get; }

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

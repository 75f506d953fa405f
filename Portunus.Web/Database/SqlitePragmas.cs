using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Portunus.Web.Database;

/// <summary>
/// How every connection is set up, whoever opens it. What was answered must survive a power cut, so a commit waits for the
/// disk: in WAL mode only synchronous FULL does that.
/// </summary>
internal sealed class SqlitePragmas : DbConnectionInterceptor
{
    /// <summary>How long a connection waits for another one's lock, in milliseconds. Writers of this process queue in <see cref="WriteLane"/> and never come to that.</summary>
    public const int BusyTimeoutMs = 5000;

    private const string Each = """
        PRAGMA busy_timeout = 5000;
        PRAGMA foreign_keys = ON;
        PRAGMA synchronous = FULL;
        PRAGMA temp_store = MEMORY;
        PRAGMA cache_size = -8000;
        """;

    /// <summary>The connection string of a file. The cache is private: a shared one has locks of its own that no timeout helps against.</summary>
    public static string ConnectionString(string file, bool isReadOnly = false) => new SqliteConnectionStringBuilder
    {
        DataSource = file,
        Mode = isReadOnly ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWriteCreate,
        Cache = SqliteCacheMode.Private,
        ForeignKeys = true,
        DefaultTimeout = 5,
        Pooling = !isReadOnly,
    }.ToString();

    /// <summary>Once for a file: the mode is kept in it.</summary>
    public static void TurnOnWal(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = WAL;";
        var mode = command.ExecuteScalar() as string;
        if (mode != "wal")
        {
            throw new InvalidOperationException($"the store cannot be put into WAL mode (it is in \"{mode}\")");
        }
    }

    public static void Apply(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Each;
        command.ExecuteNonQuery();
    }

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Apply(connection);

    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        // The driver has no asynchronous I/O; four pragmas touch no disk.
        Apply(connection);
        return Task.CompletedTask;
    }
}

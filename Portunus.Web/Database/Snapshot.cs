using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Portunus.Web.Database;

/// <summary>Several reads of one moment. In WAL mode it waits for no writer, and no writer for it.</summary>
internal static class Snapshot
{
    /// <summary>Begins; whoever disposes the context ends it.</summary>
    public static async Task BeginAsync(PortunusDb db, CancellationToken cancel)
    {
        await db.Database.OpenConnectionAsync(cancel);
        // The usual transaction of the driver takes the write lock.
        var transaction = ((SqliteConnection)db.Database.GetDbConnection()).BeginTransaction(deferred: true);
        await db.Database.UseTransactionAsync(transaction, cancel);
    }
}

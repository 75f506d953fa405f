using Microsoft.Data.Sqlite;
using Portunus.Web.Options;

namespace Portunus.Web.Maintenance;

/// <summary>A store as a file, whatever its schema.</summary>
internal static class StoreFile
{
    /// <summary>Copies a store by SQLite's own means while others write to it. The copy is one file, without side files.</summary>
    public static void Copy(string from, string to)
    {
        using var source = Open(from, SqliteOpenMode.ReadWrite);
        using var copy = Open(to, SqliteOpenMode.ReadWriteCreate);
        source.BackupDatabase(copy);
        LeaveWal(copy);
    }

    /// <summary>What is wrong inside a store; null when nothing is. Reads all of it.</summary>
    public static string? Damage(string file)
    {
        try
        {
            using var store = Open(file, SqliteOpenMode.ReadWrite);
            var found = Rows(store, "PRAGMA integrity_check(3)");
            if (found is not ["ok"])
            {
                return string.Join("; ", found);
            }

            return Rows(store, "PRAGMA foreign_key_check") is [var table, ..] ? $"a row of {table} points at nothing" : null;
        }
        catch (SqliteException broken)
        {
            return broken.Message;
        }
    }

    /// <summary>The last migration of a store; empty where there is none.</summary>
    public static string Schema(string file)
    {
        using var store = Open(file, SqliteOpenMode.ReadWrite);
        return Rows(store, "SELECT name FROM sqlite_master WHERE name = '__EFMigrationsHistory'").Count == 0
            ? ""
            : Rows(store, "SELECT MigrationId FROM __EFMigrationsHistory ORDER BY MigrationId DESC LIMIT 1").FirstOrDefault() ?? "";
    }

    /// <summary>A setting of a store; empty where it has none.</summary>
    public static string Setting(string file, string key)
    {
        using var store = Open(file, SqliteOpenMode.ReadWrite);
        using var command = store.CreateCommand();
        command.CommandText = "SELECT Value FROM Settings WHERE Key = $key";
        command.Parameters.AddWithValue("$key", key);
        return command.ExecuteScalar() as string ?? "";
    }

    /// <summary>Of all rules of a store; 0 where it has none.</summary>
    public static long HighestRuleRevision(string file)
    {
        using var store = Open(file, SqliteOpenMode.ReadWrite);
        using var command = store.CreateCommand();
        command.CommandText = "SELECT max(Revision) FROM Rules";
        return command.ExecuteScalar() as long? ?? 0;
    }

    /// <summary>Puts what a log beside the file holds into the file: it can be moved alone then.</summary>
    public static void LeaveWal(string file)
    {
        using var store = Open(file, SqliteOpenMode.ReadWrite);
        LeaveWal(store);
    }

    /// <summary>Whether a file begins as every database of SQLite does.</summary>
    public static bool IsStore(string file)
    {
        var first = new byte[16];
        using var stream = File.OpenRead(file);
        return stream.ReadAtLeast(first, first.Length, throwOnEndOfStream: false) == first.Length && first.AsSpan().SequenceEqual("SQLite format 3\0"u8);
    }

    private static void LeaveWal(SqliteConnection store)
    {
        if (Rows(store, "PRAGMA journal_mode = DELETE") is not ["delete"])
        {
            throw new MaintenanceRefusal("The copy of the store cannot be closed.", ExitCode.Failed);
        }
    }

    private static SqliteConnection Open(string file, SqliteOpenMode mode)
    {
        // Not pooled: a kept handle would still point at the file after it was moved.
        var store = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false }.ToString());
        try
        {
            store.Open();
            using var command = store.CreateCommand();
            command.CommandText = "PRAGMA busy_timeout = 5000";
            command.ExecuteNonQuery();
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    private static List<string> Rows(SqliteConnection store, string sql)
    {
        using var command = store.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }
}

using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Portunus.Web.Database;

/// <summary>The store as it was before its schema changes: there is no way down but this copy or a backup.</summary>
internal static class UpgradeCopy
{
    private const string Prefix = "portunus.db.before-upgrade-";

    /// <summary>Each is as large as the store, and nobody goes back further than the last few upgrades.</summary>
    private const int Kept = 3;

    /// <summary>Copies the store beside itself, readable by its owner only, and removes all but the newest three copies.</summary>
    /// <returns>The copy's path.</returns>
    /// <exception cref="StartRefusal">There is no room for it; the store is as it was.</exception>
    public static string Make(PortunusDb db, DataDirectory directory, TimeProvider clock)
    {
        var stamp = clock.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture);
        var file = directory.File(Prefix + stamp);
        try
        {
            DataDirectory.MakePrivate(file);
            using var to = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
            to.Open();
            ((SqliteConnection)db.Database.GetDbConnection()).BackupDatabase(to);
            // One file without side files, so that it can be put back as it is.
            using var whole = to.CreateCommand();
            whole.CommandText = "PRAGMA journal_mode = DELETE";
            whole.ExecuteNonQuery();
        }
        catch (Exception broken) when (broken is IOException or SqliteException)
        {
            // Half a copy would pass for one.
            foreach (var part in Directory.EnumerateFiles(directory.Path, Path.GetFileName(file) + "*"))
            {
                File.Delete(part);
            }

            throw new StartRefusal($"The store must be upgraded and cannot be copied before: {broken.Message} Make room in {directory.Path} and start again; nothing was changed.", StartRefusal.Failed);
        }

        foreach (var old in Directory.EnumerateFiles(directory.Path, Prefix + "*Z").OrderDescending(StringComparer.Ordinal).Skip(Kept))
        {
            File.Delete(old);
        }

        return file;
    }
}

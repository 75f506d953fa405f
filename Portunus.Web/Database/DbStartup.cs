using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Portunus.Web.Database.Tables;

namespace Portunus.Web.Database;

/// <summary>Brings the store to the schema of this program, before anything else opens it.</summary>
internal static class DbStartup
{
    /// <summary>Migrates under the directory's lock; a store of an older schema is copied first.</summary>
    /// <returns>The copy made before migrating, or null when none was needed.</returns>
    /// <exception cref="StartRefusal">The store is of a newer schema, or no store at all.</exception>
    public static string? Prepare(DataDirectory directory, TimeProvider clock)
    {
        DataDirectory.MakePrivate(directory.DatabaseFile);
        using var db = Open(directory.DatabaseFile);
        try
        {
            return Prepare(db, directory, clock);
        }
        catch (SqliteException broken) when (broken.SqliteErrorCode is SQLitePCL.raw.SQLITE_NOTADB or SQLitePCL.raw.SQLITE_CORRUPT)
        {
            throw new StartRefusal($"{directory.DatabaseFile} is damaged or no store of ours: {broken.Message}", StartRefusal.Failed);
        }
    }

    /// <summary>A context of its own for start and command lines, outside any container.</summary>
    public static PortunusDb Open(string file) => new(Options(file));

    public static DbContextOptions<PortunusDb> Options(string file)
    {
        var builder = new DbContextOptionsBuilder<PortunusDb>();
        Configure(builder, file);
        return builder.Options;
    }

    public static void Configure(DbContextOptionsBuilder builder, string file) => builder
        .UseSqlite(SqlitePragmas.ConnectionString(file))
        .AddInterceptors(new SqlitePragmas());

    private static string? Prepare(PortunusDb db, DataDirectory directory, TimeProvider clock)
    {
        RefuseNewer(db, directory.Path);
        var known = db.Database.GetMigrations().Count();
        var applied = db.Database.GetAppliedMigrations().Count();
        db.Database.OpenConnection();
        SqlitePragmas.TurnOnWal((SqliteConnection)db.Database.GetDbConnection());
        var copy = applied > 0 && applied < known ? UpgradeCopy.Make(db, directory, clock) : null;
        if (applied < known)
        {
            Migrate(db, copy);
        }

        if (!db.Settings.Any(setting => setting.Key == Setting.PlanEpoch))
        {
            var now = clock.GetUtcNow();
            db.Settings.Add(new Setting { Key = Setting.PlanEpoch, Value = NewEpoch(now), ChangedAt = now });
            db.SaveChanges();
        }

        return copy;
    }

    /// <exception cref="StartRefusal">It has a migration that this program does not know.</exception>
    public static void RefuseNewer(PortunusDb db, string place)
    {
        var known = db.Database.GetMigrations().ToHashSet(StringComparer.Ordinal);
        if (db.Database.GetAppliedMigrations().FirstOrDefault(migration => !known.Contains(migration)) is { } newer)
        {
            throw new StartRefusal(
                $"The store in {place} was written by a newer version of the program (schema {newer}; this one knows up to {known.Max()}). Run that version, or restore a backup taken before the upgrade.",
                StartRefusal.Newer);
        }
    }

    /// <summary>Later epochs are higher numbers, so that people can tell them apart; edges only compare them for being the same.</summary>
    public static string NewEpoch(DateTimeOffset now) => now.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    private static void Migrate(PortunusDb db, string? copy)
    {
        try
        {
            db.Database.Migrate();
        }
        catch (SqliteException broken) when (copy is not null && broken.SqliteErrorCode is SQLitePCL.raw.SQLITE_FULL or SQLitePCL.raw.SQLITE_IOERR)
        {
            // Each step is one transaction: what stands is the schema of before, or of a step on the way that the next start goes on from.
            throw new StartRefusal($"The store cannot be upgraded: {broken.Message} Make room and start again; a copy from before is {copy}.", StartRefusal.Failed);
        }
    }
}

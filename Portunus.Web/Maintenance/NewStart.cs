using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;

namespace Portunus.Web.Maintenance;

/// <summary>
/// What a store must become before it takes the place of another one: of this program's schema, with an epoch and revisions of rules
/// that no edge has seen, and without what was good for a moment only.
/// </summary>
internal static class NewStart
{
    /// <param name="file">A store, or an empty file.</param>
    /// <param name="action">Dotted; told in its audit log.</param>
    /// <param name="facts">What more its audit log is told.</param>
    /// <param name="previous">The store that it replaces; need not be there.</param>
    /// <param name="clock">Now.</param>
    public static void Make(string file, string action, object? facts, string previous, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        using (var db = DbStartup.Open(file))
        {
            DbStartup.RefuseNewer(db, "the backup");
            db.Database.Migrate();
            using var transaction = db.Database.BeginTransaction();
            var epoch = db.Settings.SingleOrDefault(setting => setting.Key == Setting.PlanEpoch);
            if (epoch is null)
            {
                epoch = new Setting { Key = Setting.PlanEpoch, Revision = 0 };
                db.Settings.Add(epoch);
            }

            // Higher than any seen here, also where the clock was put back.
            var own = db.Rules.Max(rule => (long?)rule.Revision) ?? 0;
            var fresh = Math.Max(Number(DbStartup.NewEpoch(now)), Math.Max(Math.Max(Number(epoch.Value), own), HighestOf(previous)) + 1);
            epoch.Value = fresh.ToString(CultureInfo.InvariantCulture);
            epoch.ChangedAt = now;
            epoch.Revision++;
            // Edges take a rule of a revision that they have seen for one they know. What was changed after the backup has numbers
            // that would be given again, to other contents: so every rule starts above all of them.
            db.Rules.ExecuteUpdate(rule => rule.SetProperty(one => one.Revision, fresh));
            // Flows that were opened under any of those are older than the removal.
            db.RuleTombstones.ExecuteUpdate(rule => rule.SetProperty(one => one.Revision, fresh));
            // A browser signed in on the day of the backup, a code or a token from then: none of them may come back to life.
            db.SignIns.ExecuteDelete();
            db.SetupTokens.ExecuteDelete();
            db.EnrollCodes.Where(code => code.RedeemedAt == null && code.CancelledAt == null)
                .ExecuteUpdate(code => code.SetProperty(one => one.CancelledAt, now));
            var entry = AuditTrail.Entry(Actor.Local, now, action, new AuditSubject("store"));
            entry.Outcome = AuditOutcome.Done;
            entry.After = AuditTrail.Json(facts);
            db.AuditEntries.Add(entry);
            db.SaveChanges();
            transaction.Commit();
        }

        using (var pool = new SqliteConnection(SqlitePragmas.ConnectionString(file)))
        {
            SqliteConnection.ClearPool(pool);
        }

        StoreFile.LeaveWal(file);
    }

    private static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>Epoch or rule revision of a store that may be missing, damaged or of any schema: then there is nothing to be higher than.</summary>
    private static long HighestOf(string file)
    {
        if (!File.Exists(file))
        {
            return 0;
        }

        try
        {
            return Math.Max(Number(StoreFile.Setting(file, Setting.PlanEpoch)), StoreFile.HighestRuleRevision(file));
        }
        catch (SqliteException)
        {
            return 0;
        }
    }
}

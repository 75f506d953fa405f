using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Tests.Kit;
using Portunus.Web.Database.Tables;
using EdgeRow = Portunus.Web.Database.Tables.Edge;

namespace Portunus.Tests.Web.Database;

/// <summary>How values are spelled in the store, so that SQLite sorts and compares them right.</summary>
public sealed class PortunusDbTests
{
    [Fact]
    public void Times_SortByInstantWhateverTheirOffset()
    {
        using var store = new TempDb();
        var noon = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        using (var db = store.CreateDbContext())
        {
            db.AuditEntries.Add(new AuditEntry { Action = "second", At = noon.AddTicks(1) });
            db.AuditEntries.Add(new AuditEntry { Action = "first", At = noon.ToOffset(TimeSpan.FromHours(9)) });
            db.SaveChanges();
        }

        using var read = store.CreateDbContext();
        var entries = read.AuditEntries.OrderBy(entry => entry.At).ToList();
        Assert.Equal(["first", "second"], entries.Select(entry => entry.Action));
        Assert.Equal(noon, entries[0].At);
        Assert.Equal(TimeSpan.Zero, entries[0].At.Offset);
        Assert.Equal("second", read.AuditEntries.Single(entry => entry.At > noon).Action);
    }

    [Fact]
    public void Ids_CompareInTheStoreAsInMemory()
    {
        using var store = new TempDb();
        var ids = Enumerable.Range(0, 200).Select(_ => new EdgeId(Guid.NewGuid())).ToList();
        using (var db = store.CreateDbContext())
        {
            db.Edges.AddRange(ids.Select(id => new EdgeRow { Id = id, Name = "edge" }));
            db.SaveChanges();
        }

        var sorted = ids.OrderBy(id => id.ToString(), StringComparer.Ordinal).ToList();
        using var read = store.CreateDbContext();
        Assert.Equal(sorted, read.Edges.OrderBy(edge => edge.Id).Select(edge => edge.Id));
        var from = sorted[99];
        Assert.Equal(sorted.Skip(100), read.Edges.Where(edge => edge.Id > from).OrderBy(edge => edge.Id).Select(edge => edge.Id));
    }

    [Fact]
    public void AuditNumbers_AreNeverUsedAgain()
    {
        using var store = new TempDb();
        using var db = store.CreateDbContext();
        db.AuditEntries.Add(new AuditEntry());
        db.SaveChanges();
        var last = db.AuditEntries.Max(entry => entry.Seq);
        db.AuditEntries.ExecuteDelete();
        db.ChangeTracker.Clear();
        db.AuditEntries.Add(new AuditEntry());
        db.SaveChanges();
        Assert.Equal(last + 1, db.AuditEntries.Single().Seq);
    }

    [Fact]
    public void RuleChangedByTwo_OnlyTheFirstWins()
    {
        using var store = new TempDb();
        using (var db = store.CreateDbContext())
        {
            var edge = new EdgeRow { Id = EdgeId.New(), Name = "one" };
            db.Edges.Add(edge);
            db.SaveChanges();
        }

        using var first = store.CreateDbContext();
        using var second = store.CreateDbContext();
        var (mine, theirs) = (first.Edges.Single(), second.Edges.Single());
        (mine.Name, mine.Revision) = ("mine", 2);
        (theirs.Name, theirs.Revision) = ("theirs", 2);
        first.SaveChanges();
        Assert.Throws<DbUpdateConcurrencyException>(() => second.SaveChanges());
    }
}

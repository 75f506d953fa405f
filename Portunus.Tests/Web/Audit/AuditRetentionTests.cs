using Microsoft.Extensions.Logging.Abstractions;
using Portunus.Shared.Ids;
using Portunus.Tests.Kit;
using Portunus.Web.Audit;
using Portunus.Web.Database.Tables;

namespace Portunus.Tests.Web.Audit;

/// <summary>Old entries go, in batches, and their going is told.</summary>
public sealed class AuditRetentionTests : IDisposable
{
    private readonly TempDb _store = new();
    private readonly TestClock _clock = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task Prune_RemovesWhatIsOlderAndTellsHowMany()
    {
        Fill(4500);
        var retention = Make(days: 90);
        var before = DateTimeOffset.UnixEpoch.AddMinutes(4400);
        Assert.Equal(4400, (await retention.PruneAsync(Actor.Local, before, isTrial: true, CancellationToken.None)).Value);
        Assert.Equal(4500, Count());
        Assert.Equal(4400, (await retention.PruneAsync(Actor.Local, before, isTrial: false, CancellationToken.None)).Value);
        using var db = _store.CreateDbContext();
        Assert.Equal(100, db.AuditEntries.Count(entry => entry.Action == "old"));
        Assert.Contains("4400", db.AuditEntries.Single(entry => entry.Action == "audit.prune").After, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_PrunesAtOnceAndEveryHourAfter()
    {
        _clock.Advance(TimeSpan.FromDays(200));
        Fill(10);
        using var retention = Make(days: 90);
        await retention.StartAsync(CancellationToken.None);
        await Eventually.Equals(1, Count, "only the entry about the pruning is left");
        Fill(5);
        await Eventually.Holds(() => _clock.NextDue is not null, "the hour is waited for");
        _clock.Advance(TimeSpan.FromHours(1));
        await Eventually.Equals(2, Count, "the hour's pruning leaves its entry too");
        await retention.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Tenant_MayNotPrune()
    {
        var tenant = new Actor { Id = AccountId.New(), Name = "bob", Role = AccountRole.Auditor, Via = "cookie" };
        var pruned = await Make(days: 90).PruneAsync(tenant, DateTimeOffset.MaxValue, isTrial: false, CancellationToken.None);
        Assert.Equal("role_required", pruned.Problems[0].Code);
        Assert.Equal(1, Count());
    }

    private AuditRetention Make(int days) =>
        new(new AuditTrail(_store.Lane, _clock), _store.Lane, _store, _clock, new AuditRetentionOptions(days), NullLogger<AuditRetention>.Instance);

    private void Fill(int count)
    {
        using var db = _store.CreateDbContext();
        db.AuditEntries.AddRange(Enumerable.Range(0, count).Select(i => new AuditEntry { Action = "old", At = DateTimeOffset.UnixEpoch.AddMinutes(i) }));
        db.SaveChanges();
    }

    private int Count()
    {
        using var db = _store.CreateDbContext();
        return db.AuditEntries.Count();
    }
}

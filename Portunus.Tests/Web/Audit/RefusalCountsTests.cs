using Microsoft.EntityFrameworkCore;
using Portunus.Tests.Kit;
using Portunus.Web.Audit;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;

namespace Portunus.Tests.Web.Audit;

/// <summary>What strangers can cause by the thousand is counted, and stays visible.</summary>
public sealed class RefusalCountsTests : IDisposable
{
    private static readonly Problem s_throttled = new("throttled", "", "Wait.", ProblemKind.TooMany);

    private readonly TempDb _store = new();
    private readonly TestClock _clock = new();
    private readonly AuditTrail _trail;

    public RefusalCountsTests() => _trail = new AuditTrail(_store.Lane, _clock);

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task ManyOfAKind_ShareAnEntryForAQuarterOfAnHour()
    {
        for (var i = 0; i < 50; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(10));
            await RefuseAsync("192.0.2.1", "ada");
        }

        await RefuseAsync("192.0.2.2", "ada");
        await RefuseAsync("192.0.2.1", "bob");
        _clock.Advance(RefusalCounts.Window);
        await RefuseAsync("192.0.2.1", "ada");

        var entries = await EntriesAsync();
        Assert.Equal([("192.0.2.1", "ada", 50), ("192.0.2.2", "ada", 1), ("192.0.2.1", "bob", 1), ("192.0.2.1", "ada", 1)], entries.Select(one => (one.RemoteAddress, one.SubjectId, Times(one))));
        Assert.All(entries, one => Assert.Equal((AuditOutcome.Refused, "throttled"), (one.Outcome, one.Reason)));
    }

    [Fact]
    public async Task VeryManyAddresses_ShareOneEntryWithoutAnAddress()
    {
        const int Tries = RefusalCounts.MaxKinds + 300;
        for (var i = 0; i < Tries; i++)
        {
            await RefuseAsync($"2001:db8::{i:x}", "");
        }

        var entries = await EntriesAsync();
        Assert.Equal(RefusalCounts.MaxKinds + 1, entries.Count);
        Assert.Equal(Tries, entries.Sum(Times));
        Assert.Equal(300, Times(entries.Single(one => one.RemoteAddress.Length == 0)));
    }

    [Fact]
    public async Task EntryThatWasPruned_BeginsAnew()
    {
        await RefuseAsync("192.0.2.1", "ada");
        await using (var db = _store.CreateDbContext())
        {
            await db.AuditEntries.ExecuteDeleteAsync();
        }

        await RefuseAsync("192.0.2.1", "ada");
        await RefuseAsync("192.0.2.1", "ada");
        Assert.Equal([2], (await EntriesAsync()).Select(Times));
    }

    internal static int Times(AuditEntry entry) => entry.After is null ? 1 : System.Text.Json.JsonDocument.Parse(entry.After).RootElement.GetProperty("times").GetInt32();

    private Task RefuseAsync(string address, string subject) =>
        _trail.RefuseCountedAsync(Actor.Nobody(address, "r"), "account.sign_in", new AuditSubject("account", subject), s_throttled);

    private async Task<List<AuditEntry>> EntriesAsync()
    {
        await using var db = _store.CreateDbContext();
        return await db.AuditEntries.OrderBy(entry => entry.Seq).ToListAsync();
    }
}

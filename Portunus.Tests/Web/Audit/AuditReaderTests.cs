using Portunus.Shared.Ids;
using Portunus.Tests.Kit;
using Portunus.Web.Api;
using Portunus.Web.Audit;
using Portunus.Web.Database.Tables;

namespace Portunus.Tests.Web.Audit;

/// <summary>Filters find exactly what they say, pages meet without gap or overlap, and tenants read nothing.</summary>
public sealed class AuditReaderTests : IDisposable
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly AccountId s_ada = AccountId.New();

    private readonly TempDb _store = new();
    private readonly AuditReader _reader;

    public AuditReaderTests()
    {
        _reader = new AuditReader(_store, new Unchanged());
        using var db = _store.CreateDbContext();
        string[] actions = ["rule.create", "rule.delete", "rules.bulk", "account.create"];
        for (var i = 0; i < 100; i++)
        {
            db.AuditEntries.Add(new AuditEntry
            {
                At = s_start.AddMinutes(i),
                ActorId = i % 2 == 0 ? s_ada : null,
                ActorName = i % 2 == 0 ? "ada" : "",
                Action = actions[i % 4],
                SubjectKind = i % 4 == 3 ? "account" : "rule",
                SubjectId = (i % 10).ToString(),
                Outcome = i % 5 == 0 ? AuditOutcome.Refused : AuditOutcome.Done,
                Reason = i % 5 == 0 ? "one,two" : "",
                RequestId = $"r-{i}",
                After = "{\"a\":1}",
            });
        }

        db.SaveChanges();
    }

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task Pages_MeetWithoutGapOrOverlapWhileEntriesComeIn()
    {
        var seen = new List<string>();
        var asked = new PageAsked(7, null);
        while (true)
        {
            var page = (await _reader.PageAsync(Actor.Local, new AuditFilter(), asked, CancellationToken.None)).Value;
            seen.AddRange(page.Items.Select(item => item.RequestId));
            using (var db = _store.CreateDbContext())
            {
                db.AuditEntries.Add(new AuditEntry { RequestId = "later" });
                db.SaveChanges();
            }

            if (page.Next is null)
            {
                break;
            }

            asked = PageAsked.Read("7", page.Next).Value;
        }

        Assert.Equal(Enumerable.Range(0, 100).Reverse().Select(i => $"r-{i}"), seen);
    }

    [Theory]
    [InlineData("ada", null, null, null, null, null, 50)]
    [InlineData(null, "rule.create", null, null, null, null, 25)]
    [InlineData(null, "rule.*", null, null, null, null, 50)]
    [InlineData(null, "rule*", null, null, null, null, 75)]
    [InlineData(null, "%", null, null, null, null, 0)]
    [InlineData(null, null, "account", null, null, null, 25)]
    [InlineData(null, null, "rule:4", null, null, null, 10)]
    [InlineData(null, null, null, "refused", null, null, 20)]
    [InlineData(null, null, null, null, "2026-01-01T00:10:00Z", "2026-01-01T00:20:00Z", 10)]
    [InlineData(null, null, null, null, "2026-01-01T01:10:00+01:00", "2026-01-01T00:20:00Z", 10)]
    [InlineData("ada", "rule.create", "rule", "done", null, null, 20)]
    public async Task Filter_FindsExactlyWhatItSays(
        string? actor, string? action, string? subject, string? outcome, string? since, string? until, int count)
    {
        var filter = AuditFilter.Read(actor, action, subject, outcome, since, until, null).Value;
        var page = (await _reader.PageAsync(Actor.Local, filter, PageAsked.First, CancellationToken.None)).Value;
        Assert.Equal(count, page.Items.Count);
        Assert.Null(page.Next);
    }

    [Fact]
    public async Task ActorById_IsFoundWhateverItWasCalled()
    {
        var filter = AuditFilter.Read(s_ada.ToString(), null, null, null, null, null, null).Value;
        Assert.Equal(50, (await _reader.PageAsync(Actor.Local, filter, PageAsked.First, CancellationToken.None)).Value.Items.Count);
    }

    [Fact]
    public void FilterThatCannotBeRead_TellsEveryReason()
    {
        var filter = AuditFilter.Read(null, null, null, "perhaps", "yesterday", "2026-01-01T00:00:00", null);
        Assert.Equal(["since", "until", "outcome"], filter.Problems.Select(problem => problem.Field));
        Assert.Equal("time_order", Assert.Single(AuditFilter.Read(null, null, null, null, "2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z", null).Problems).Code);
    }

    [Fact]
    public async Task Refusal_ReadsWithItsReasons()
    {
        var filter = AuditFilter.Read(null, null, null, "refused", null, null, null).Value;
        var view = (await _reader.PageAsync(Actor.Local, filter, PageAsked.First, CancellationToken.None)).Value.Items[0];
        Assert.Equal(["one", "two"], view.Reason);
        Assert.Equal(1, view.After!.Value.GetProperty("a").GetInt32());
        Assert.Null(view.Before);
    }

    [Fact]
    public async Task Tenant_ReadsNothing()
    {
        var tenant = new Actor { Name = "bob", Role = AccountRole.User, Via = "cookie", Id = AccountId.New() };
        Assert.Equal("role_required", (await _reader.PageAsync(tenant, new AuditFilter(), PageAsked.First, CancellationToken.None)).Problems[0].Code);
        Assert.Equal("role_required", _reader.Export(tenant, new AuditFilter(), CancellationToken.None).Problems[0].Code);
        var auditor = tenant with { Role = AccountRole.Auditor };
        Assert.True((await _reader.PageAsync(auditor, new AuditFilter(), PageAsked.First, CancellationToken.None)).IsDone);
    }

    [Fact]
    public async Task Export_GivesAllOverItsBatches()
    {
        using (var db = _store.CreateDbContext())
        {
            db.AuditEntries.AddRange(Enumerable.Range(0, 2400).Select(_ => new AuditEntry { Action = "many" }));
            db.SaveChanges();
        }

        var seqs = new List<long>();
        await foreach (var entry in _reader.Export(Actor.Local, new AuditFilter(), CancellationToken.None).Value)
        {
            seqs.Add(entry.Seq);
        }

        Assert.Equal(2500, seqs.Distinct().Count());
        Assert.Equal(seqs.OrderDescending(), seqs);
    }

    /// <summary>Nobody loses anything while these tests read; that somebody does is tried over the API.</summary>
    private sealed class Unchanged : IStanding
    {
        public Task<Actor?> AgainAsync(Actor actor, CancellationToken cancel) => Task.FromResult<Actor?>(actor);
    }
}

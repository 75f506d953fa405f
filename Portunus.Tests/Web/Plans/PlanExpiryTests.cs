using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Portunus.Shared.Ids;
using Portunus.Shared.Rules;
using Portunus.Tests.Kit;
using Portunus.Web.Database.Tables;
using Portunus.Web.Plans;
using EdgeRow = Portunus.Web.Database.Tables.Edge;

namespace Portunus.Tests.Web.Plans;

public sealed class PlanExpiryTests : IAsyncLifetime, IDisposable
{
    private static readonly RuleSpec s_web = new() { Name = "web", ListenPort = 8080, Target = "192.0.2.1:80" };

    private readonly TempDb _store = new();
    private readonly TestClock _clock = new();
    private readonly PlanExpiry _expiry;
    private Account _tenant = null!;
    private EdgeRow _edge = null!;

    public PlanExpiryTests() => _expiry = new PlanExpiry(_store, _store.Lane, _store.Feed, _clock, NullLogger<PlanExpiry>.Instance);

    private DateTimeOffset Now => _clock.GetUtcNow();

    public async Task InitializeAsync()
    {
        _tenant = await _store.AddAccountAsync("tenant");
        _edge = await AddEdgeAsync();
    }

    public Task DisposeAsync() => Eventually.Within(_expiry.StopAsync(CancellationToken.None));

    public void Dispose()
    {
        _expiry.Dispose();
        _store.Dispose();
    }

    [Fact]
    public async Task GrantThatEnds_RaisesThePlansItCoveredARuleOfOnce()
    {
        var (bystander, elsewhere) = (await AddEdgeAsync(), await AddEdgeAsync());
        var other = await _store.AddAccountAsync("other");
        await _store.AddGrantAsync(_tenant, null, "8000-8999", grant => grant.ExpiresAt = Now.AddHours(1));
        await _store.AddGrantAsync(_tenant, elsewhere.Id, "9000", grant => grant.ExpiresAt = Now.AddHours(1));
        await _store.AddRuleAsync(_edge, _tenant, s_web);
        await _store.AddRuleAsync(bystander, other, s_web);
        await _store.AddRuleAsync(elsewhere, _tenant, s_web with { Enabled = false });

        Assert.Equal(Now.AddHours(1), await _expiry.NextAsync(Now, CancellationToken.None));
        Assert.Equal(0, await RaiseAsync());
        _clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(1, await RaiseAsync());
        Assert.Equal((2, 1, 1), (await NumberAsync(_edge), await NumberAsync(bystander), await NumberAsync(elsewhere)));
        Assert.Equal(0, await RaiseAsync());
        Assert.Null(await _expiry.NextAsync(Now, CancellationToken.None));
    }

    [Fact]
    public async Task RuleThatExpires_RaisesItsPlanOnce()
    {
        await _store.AddGrantAsync(_tenant);
        await _store.AddRuleAsync(_edge, _tenant, s_web with { ExpiresAt = Now.AddHours(2) });
        await _store.AddRuleAsync(_edge, _tenant, s_web with { Name = "off", ListenPort = 8081, Enabled = false, ExpiresAt = Now.AddHours(1) });

        Assert.Equal(Now.AddHours(2), await _expiry.NextAsync(Now, CancellationToken.None));
        _clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(1, await RaiseAsync());
        Assert.Equal(0, await RaiseAsync());
    }

    [Fact]
    public async Task PlanRaisedAfterTheEnd_NeedsNoOther()
    {
        await _store.AddGrantAsync(_tenant, _edge.Id, "8080", grant => grant.ExpiresAt = Now.AddHours(1));
        await _store.AddRuleAsync(_edge, _tenant, s_web);
        _clock.Advance(TimeSpan.FromHours(2));
        await _store.ChangeAsync(new EdgeRevision { EdgeId = _edge.Id, Number = 1 }, row => (row.Number, row.RaisedAt) = (7, Now));

        Assert.Equal(0, await RaiseAsync());
    }

    [Fact]
    public async Task PlanRaisedByAClockThatWasAhead_IsRaisedAgain()
    {
        await _store.ChangeAsync(new EdgeRevision { EdgeId = _edge.Id, Number = 1 }, row => row.RaisedAt = Now.AddYears(3));

        Assert.Equal((1, 0), (await RaiseAsync(), await RaiseAsync()));
    }

    [Fact]
    public async Task Running_BeginsWithWhatEndedWhileNobodyWasThere()
    {
        await _store.AddGrantAsync(_tenant);
        await _store.AddRuleAsync(_edge, _tenant, s_web with { ExpiresAt = Now.AddHours(1) });
        _clock.Advance(TimeSpan.FromHours(2));
        await _expiry.StartAsync(CancellationToken.None);
        await Eventually.Holds(async () => await NumberAsync(_edge) == 2, "the plan is raised");
        await Eventually.Holds(
            () =>
            {
                // Its own change is looked at as well, a moment later.
                if (_clock.NextDue is { } due && due < TimeSpan.FromSeconds(1))
                {
                    _clock.Advance(due);
                }

                return _clock.NextDue == PlanExpiry.LongestWait;
            },
            "nothing more is to come");
        Assert.Equal(2, await NumberAsync(_edge));
    }

    [Fact]
    public async Task Running_RaisesAtTheMomentAndLooksAgainAtEachChange()
    {
        await _store.AddGrantAsync(_tenant);
        await _expiry.StartAsync(CancellationToken.None);
        await Eventually.Equals(PlanExpiry.LongestWait, () => _clock.NextDue.GetValueOrDefault(), "nothing is to come");

        await _store.AddRuleAsync(_edge, _tenant, s_web with { ExpiresAt = Now.AddSeconds(20) });
        _store.Feed.Publish(Portunus.Web.Live.LiveTopic.Of(Portunus.Web.Live.LiveKind.EdgePlan, _edge.Id));
        await Eventually.Holds(
            () => { _clock.Advance(TimeSpan.FromMilliseconds(50)); return _clock.NextDue is { } due && due > TimeSpan.FromSeconds(1) && due < TimeSpan.FromSeconds(25); },
            "the rule's end is waited for");
        Assert.Equal(1, await NumberAsync(_edge));

        _clock.Advance(_clock.NextDue!.Value);
        await Eventually.Holds(async () => await NumberAsync(_edge) == 2, "the plan is raised");
    }

    private async Task<EdgeRow> AddEdgeAsync()
    {
        var edge = new EdgeRow { Id = EdgeId.New(), Name = "edge" };
        await _store.AddAsync(edge, new EdgeRevision { EdgeId = edge.Id, Number = 1, RaisedAt = Now });
        return edge;
    }

    private Task<int> RaiseAsync() => _expiry.RaiseAsync(CancellationToken.None);

    private async Task<int> NumberAsync(EdgeRow edge)
    {
        await using var db = _store.CreateDbContext();
        return (int)await db.EdgeRevisions.Where(row => row.EdgeId == edge.Id).Select(row => row.Number).SingleAsync();
    }
}

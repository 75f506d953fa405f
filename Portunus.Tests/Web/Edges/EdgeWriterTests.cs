using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Shared.Rules;
using Portunus.Tests.Kit;
using Portunus.Web.Api;
using Portunus.Web.Audit;
using Portunus.Web.Database.Ids;
using Portunus.Web.Database.Tables;
using Portunus.Web.Edges;
using Portunus.Web.Outcomes;

namespace Portunus.Tests.Web.Edges;

public sealed class EdgeWriterTests : IAsyncLifetime, IDisposable
{
    private readonly TempDb _store = new();
    private readonly AuditTrail _trail;
    private readonly EdgeWriter _writer;
    private readonly EdgeReader _reader;
    private readonly EnrollCodes _codes;
    private readonly OwnerLimits _limits;
    private Account _root = null!;
    private Account _tenant = null!;

    public EdgeWriterTests()
    {
        _trail = new AuditTrail(_store.Lane, TimeProvider.System);
        _writer = new EdgeWriter(_trail, _store.EdgeReader());
        _reader = _store.EdgeReader();
        _codes = new EnrollCodes(_trail, _store, TimeProvider.System);
        _limits = new OwnerLimits(_trail, _store);
    }

    public async Task InitializeAsync()
    {
        _root = await _store.AddAccountAsync("root", AccountRole.Superadmin);
        _tenant = await _store.AddAccountAsync("tenant");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task NewEdge_HasAPlanRevisionAndIsNotEnrolled()
    {
        var view = (await _writer.CreateAsync(_root.AsActor(), new EdgeFields { Name = "Frankfurt", PublicAddress = "EDGE.example.org.", Note = "rack 4" }, CancellationToken.None)).Value;

        Assert.Equal(("Frankfurt", "edge.example.org", EdgeStanding.NotEnrolled, 1L, 1L), (view.Name, view.PublicAddress, view.Standing, view.Plan.Wanted, view.Revision));
        Assert.Equal(view, (await _reader.GetAsync(_root.AsActor(), Id(view), CancellationToken.None)).Value);
    }

    [Fact]
    public async Task EverythingWrong_IsToldAtOnce()
    {
        Assert.Equal(["name_missing", "public_address_malformed"], await CodesAsync(new EdgeFields { PublicAddress = "host:80" }));
        Assert.Equal(["name_length", "note_length", "public_address_malformed"], await CodesAsync(new EdgeFields { Name = " ", PublicAddress = "https://host", Note = new string('n', 501) }));
        Assert.Equal(["name_character"], await CodesAsync(new EdgeFields { Name = "a\u0007b" }));
        Assert.Empty(await CodesAsync(new EdgeFields { Name = "v6", PublicAddress = "2001:db8::1" }));
    }

    [Fact]
    public async Task Rename_KeepsTheIdAndCountsUp()
    {
        var id = await AddAsync("old");

        var view = (await _writer.ChangeAsync(_root.AsActor(), id, 1, fields => fields with { Name = "new" }, CancellationToken.None)).Value;

        Assert.Equal((id.ToString(), "new", 2L), (view.Id, view.Name, view.Revision));
        Assert.Equal("revision_stale", Assert.Single((await _writer.ChangeAsync(_root.AsActor(), id, 1, fields => fields, CancellationToken.None)).Problems).Code);
    }

    [Fact]
    public async Task OnlySuperadmins_ChangeEdges()
    {
        var id = await AddAsync("edge");
        var auditor = await _store.AddAccountAsync("auditor", AccountRole.Auditor);
        await _store.AddGrantAsync(_tenant, id);
        foreach (var actor in new[] { _tenant.AsActor(), auditor.AsActor() })
        {
            List<IReadOnlyList<Problem>> refusals =
            [
                (await _writer.CreateAsync(actor, new EdgeFields { Name = "x" }, CancellationToken.None)).Problems,
                (await _writer.ChangeAsync(actor, id, null, fields => fields, CancellationToken.None)).Problems,
                (await _writer.RevokeAsync(actor, id, null, CancellationToken.None)).Problems,
                (await _writer.DeleteAsync(actor, id, null, true, CancellationToken.None)).Problems,
                (await _codes.CreateAsync(actor, id, new EnrollFields(), CancellationToken.None)).Problems,
                (await _codes.CancelAsync(actor, id, EnrollCodeId.New(), CancellationToken.None)).Problems,
                (await _limits.SetAsync(actor, id, _tenant.Id, null, new LimitSpec { ConcurrentFlows = 1 }, CancellationToken.None)).Problems,
                (await _limits.ClearAsync(actor, id, _tenant.Id, null, CancellationToken.None)).Problems,
            ];
            Assert.All(refusals, problems => Assert.Equal("role_required", Assert.Single(problems).Code));
        }

        Assert.Equal("role_required", Assert.Single((await _codes.ListAsync(_tenant.AsActor(), id, PageAsked.First, CancellationToken.None)).Problems).Code);
        Assert.Equal("role_required", Assert.Single((await _limits.ListAsync(_tenant.AsActor(), id, PageAsked.First, CancellationToken.None)).Problems).Code);
    }

    [Fact]
    public async Task Tenant_SeesGrantedEdgesOnlyAndLittleOfThem()
    {
        var (granted, hidden, used) = (await AddAsync("granted"), await AddAsync("hidden"), await AddAsync("used"));
        await _store.AddGrantAsync(_tenant, granted);
        await using (var db = _store.CreateDbContext())
        {
            var edge = await db.Edges.SingleAsync(row => row.Id == used);
            await _store.AddRuleAsync(edge, _tenant, new RuleSpec { ListenPort = 80, Target = "192.0.2.1:80" });
            await _store.AddRuleAsync(edge, _root, new RuleSpec { ListenPort = 81, Target = "192.0.2.1:80" });
        }

        var seen = (await _reader.ListAsync(_tenant.AsActor(), null, PageAsked.First, CancellationToken.None)).Value.Items;

        Assert.Equal([granted.ToString(), used.ToString()], seen.Select(view => view.Id));
        Assert.Equal([0, 1], seen.Select(view => view.RuleCount));
        Assert.All(seen, view => Assert.Null(view.Note));
        Assert.Equal("edge_not_found", Assert.Single((await _reader.GetAsync(_tenant.AsActor(), hidden, CancellationToken.None)).Problems).Code);
        Assert.Equal(3, (await _reader.ListAsync(_root.AsActor(), null, PageAsked.First, CancellationToken.None)).Value.Items.Count);
        await _store.AddGrantAsync(_tenant, null);
        Assert.Equal(3, (await _reader.ListAsync(_tenant.AsActor(), null, PageAsked.First, CancellationToken.None)).Value.Items.Count);
    }

    [Theory]
    [InlineData("RANK", "Frankfurt")]
    [InlineData("example", "Oslo")]
    [InlineData("100%", "100% uptime")]
    [InlineData("_", "")]
    public async Task Search_FindsPartsOfNamesAndAddresses(string search, string wanted)
    {
        await AddAsync("Frankfurt");
        await AddAsync("100% uptime");
        await _writer.CreateAsync(_root.AsActor(), new EdgeFields { Name = "Oslo", PublicAddress = "oslo.example.org" }, CancellationToken.None);

        var found = (await _reader.ListAsync(_root.AsActor(), search, PageAsked.First, CancellationToken.None)).Value.Items;

        Assert.Equal(wanted, string.Join(',', found.Select(view => view.Name)));
    }

    [Fact]
    public async Task Revoking_EndsOpenCodesAndIsDoneOnce()
    {
        var id = await AddAsync("edge");
        await _codes.CreateAsync(_root.AsActor(), id, new EnrollFields(), CancellationToken.None);

        Assert.Equal((EdgeStanding.Revoked, 2L), (await _writer.RevokeAsync(_root.AsActor(), id, null, CancellationToken.None)).Value is var view ? (view.Standing, view.Revision) : default);
        Assert.Equal(2, (await _writer.RevokeAsync(_root.AsActor(), id, null, CancellationToken.None)).Value.Revision);
        Assert.Equal(EnrollCodeStanding.Cancelled, Assert.Single((await _codes.ListAsync(_root.AsActor(), id, PageAsked.First, CancellationToken.None)).Value.Items).Standing);
        await using var db = _store.CreateDbContext();
        Assert.Equal(1, await db.AuditEntries.CountAsync(entry => entry.Action == "edge.revoke"));
    }

    [Fact]
    public async Task Deleting_ListsWhatGoesAndLeavesATombstone()
    {
        var (id, other) = (await AddAsync("edge"), await AddAsync("other"));
        await using var db = _store.CreateDbContext();
        var rule = await _store.AddRuleAsync(await db.Edges.SingleAsync(row => row.Id == id), _tenant, new RuleSpec { Name = "web", ListenPort = 80, Target = "192.0.2.1:80" });
        var grant = await _store.AddGrantAsync(_tenant, id);
        await _store.AddGrantAsync(_tenant, null);
        await _limits.SetAsync(_root.AsActor(), id, _tenant.Id, null, new LimitSpec { ConcurrentFlows = 1 }, CancellationToken.None);
        await _codes.CreateAsync(_root.AsActor(), id, new EnrollFields(), CancellationToken.None);

        var trial = (await _writer.DeleteAsync(_root.AsActor(), id, 1, true, CancellationToken.None)).Value;
        Assert.Equal(2, await db.Edges.CountAsync());
        var done = (await _writer.DeleteAsync(_root.AsActor(), id, 1, false, CancellationToken.None)).Value;

        foreach (var removal in new[] { trial, done })
        {
            Assert.Equal((id.ToString(), "edge", 1, 1), (removal.Id, removal.Name, removal.OwnerLimits, removal.OpenCodes));
            Assert.Equal(new RemovedRule(rule.Id.ToString(), "web", _tenant.Id.ToString()), Assert.Single(removal.Rules));
            Assert.Equal(new RemovedGrant(grant.Id.ToString(), _tenant.Id.ToString()), Assert.Single(removal.Grants));
        }

        Assert.Equal(other, (await db.Edges.AsNoTracking().SingleAsync()).Id);
        Assert.Equal("edge", (await db.EdgeTombstones.SingleAsync()).Name);
        Assert.Equal((0, 1, 0, 0), (await db.Rules.CountAsync(), await db.Grants.CountAsync(), await db.OwnerLimits.CountAsync(), await db.EnrollCodes.CountAsync()));
        Assert.Equal(["rule.delete", "grant.revoke", "edge.delete"], await db.AuditEntries.OrderByDescending(entry => entry.Seq).Take(3).OrderBy(entry => entry.Seq).Select(entry => entry.Action).ToListAsync());
    }

    [Fact]
    public async Task Code_IsKeptAsAHashAndEndsInTime()
    {
        var id = await AddAsync("edge");
        var before = TimeProvider.System.GetUtcNow();

        var code = (await _codes.CreateAsync(_root.AsActor(), id, new EnrollFields(), CancellationToken.None)).Value;

        Assert.Equal(43, code.Code.Length);
        Assert.InRange(code.ExpiresAt, before.AddMinutes(10), before.AddMinutes(11));
        await using var db = _store.CreateDbContext();
        Assert.Equal(EnrollCodes.Hash(code.Code), (await db.EnrollCodes.SingleAsync()).Hash);
        Assert.DoesNotContain(await db.AuditEntries.ToListAsync(), entry => (entry.After ?? "").Contains(code.Code, StringComparison.Ordinal));
        Assert.NotEqual(code.Code, (await _codes.CreateAsync(_root.AsActor(), id, new EnrollFields { Minutes = 1440 }, CancellationToken.None)).Value.Code);
        foreach (var minutes in new[] { 0, -1, 1441 })
        {
            Assert.Equal("out_of_range", Assert.Single((await _codes.CreateAsync(_root.AsActor(), id, new EnrollFields { Minutes = minutes }, CancellationToken.None)).Problems).Code);
        }
    }

    [Fact]
    public async Task Cancelling_EndsACodeUnlessItWasRedeemed()
    {
        var id = await AddAsync("edge");
        var (open, redeemed) = (await CodeAsync(id), await CodeAsync(id));
        await using (var db = _store.CreateDbContext())
        {
            await db.EnrollCodes.Where(code => code.Id == redeemed).ExecuteUpdateAsync(row => row.SetProperty(code => code.RedeemedAt, TimeProvider.System.GetUtcNow()));
        }

        Assert.True((await _codes.CancelAsync(_root.AsActor(), id, open, CancellationToken.None)).IsDone);
        Assert.True((await _codes.CancelAsync(_root.AsActor(), id, open, CancellationToken.None)).IsDone);
        Assert.Equal("enroll_code_redeemed", Assert.Single((await _codes.CancelAsync(_root.AsActor(), id, redeemed, CancellationToken.None)).Problems).Code);
        Assert.Equal("enroll_code_not_found", Assert.Single((await _codes.CancelAsync(_root.AsActor(), await AddAsync("other"), open, CancellationToken.None)).Problems).Code);
        Assert.Equal([EnrollCodeStanding.Redeemed, EnrollCodeStanding.Cancelled],
            (await _codes.ListAsync(_root.AsActor(), id, PageAsked.First, CancellationToken.None)).Value.Items.Select(code => code.Standing));
    }

    [Fact]
    public async Task OwnerLimits_AreSetReadAndCleared()
    {
        var id = await AddAsync("edge");
        await _store.AddGrantAsync(_tenant, id);
        var limits = new LimitSpec { BytesPerSecondIn = 1000, ConcurrentFlows = 5 };

        var set = (await _limits.SetAsync(_root.AsActor(), id, _tenant.Id, 0, limits, CancellationToken.None)).Value;
        Assert.Equal((limits, 1L), (set.Limits, set.Revision));
        Assert.Equal("revision_stale", Assert.Single((await _limits.SetAsync(_root.AsActor(), id, _tenant.Id, 0, limits, CancellationToken.None)).Problems).Code);
        Assert.Equal(set, (await _limits.GetAsync(_tenant.AsActor(), id, _tenant.Id, CancellationToken.None)).Value);
        Assert.Equal("edge_not_found", Assert.Single((await _limits.GetAsync(_tenant.AsActor(), id, _root.Id, CancellationToken.None)).Problems).Code);
        Assert.Equal(limits, Assert.Single((await _limits.ListAsync(_root.AsActor(), id, PageAsked.First, CancellationToken.None)).Value.Items).Limits);
        Assert.True((await _limits.ClearAsync(_root.AsActor(), id, _tenant.Id, null, CancellationToken.None)).IsDone);
        Assert.Equal("owner_limits_not_found", Assert.Single((await _limits.ClearAsync(_root.AsActor(), id, _tenant.Id, null, CancellationToken.None)).Problems).Code);
        Assert.Equal(3, (await _reader.GetAsync(_root.AsActor(), id, CancellationToken.None)).Value.Plan.Wanted);
    }

    [Fact]
    public async Task WrongOwnerLimits_AreToldByTheirFields()
    {
        var id = await AddAsync("edge");

        Assert.Equal(["limit_zero concurrent_flows", "burst_without_rate burst_bytes_in"],
            (await _limits.SetAsync(_root.AsActor(), id, _tenant.Id, null, new LimitSpec { ConcurrentFlows = 0, BurstBytesIn = 1 }, CancellationToken.None))
            .Problems.Select(problem => $"{problem.Code} {problem.Field}").OrderDescending());
        Assert.Equal("limits_empty", Assert.Single((await _limits.SetAsync(_root.AsActor(), id, _tenant.Id, null, new LimitSpec(), CancellationToken.None)).Problems).Code);
        Assert.Equal("account_not_found", Assert.Single((await _limits.SetAsync(_root.AsActor(), id, AccountId.New(), null, new LimitSpec(), CancellationToken.None)).Problems).Code);
    }

    private static EdgeId Id(EdgeView view)
    {
        Assert.True(EdgeId.TryParse(view.Id, out var id));
        return id;
    }

    private async Task<EdgeId> AddAsync(string name) => Id((await _writer.CreateAsync(_root.AsActor(), new EdgeFields { Name = name }, CancellationToken.None)).Value);

    private async Task<IEnumerable<string>> CodesAsync(EdgeFields fields) =>
        (await _writer.CreateAsync(_root.AsActor(), fields, CancellationToken.None)).Problems.Select(problem => problem.Code).Order();

    private async Task<EnrollCodeId> CodeAsync(EdgeId edge)
    {
        Assert.True(EnrollCodeId.TryParse((await _codes.CreateAsync(_root.AsActor(), edge, new EnrollFields(), CancellationToken.None)).Value.Id, out var id));
        return id;
    }
}

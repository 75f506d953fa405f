using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Portunus.Shared.Ids;
using Portunus.Shared.Link;
using Portunus.Shared.Plans;
using Portunus.Shared.Rules;
using Portunus.Tests.Kit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Plans;
using EdgeRow = Portunus.Web.Database.Tables.Edge;

namespace Portunus.Tests.Web.Plans;

public sealed class PlanBuilderTests : IDisposable
{
    private static readonly RuleSpec s_web = new() { Name = "web", ListenPort = 8080, Target = "192.0.2.1:80" };

    private readonly TempDb _store = new();
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task Plan_HasTheEpochAndNumberOfItsEdge()
    {
        var edge = await _store.AddEdgeAsync();
        await using var db = _store.CreateDbContext();
        var epoch = (await db.Settings.SingleAsync(setting => setting.Key == Setting.PlanEpoch)).Value;

        var first = await BuildAsync(edge);
        await PlanRevisions.RaiseAsync(db, [edge.Id, edge.Id], _now, CancellationToken.None);
        await db.SaveChangesAsync();

        Assert.Equal(new PlanRevision(epoch, 1), first.Revision);
        Assert.Equal(new PlanRevision(epoch, 2), (await BuildAsync(edge)).Revision);
        Assert.Equal(new PlanRevision(epoch, 2), await Builder().RevisionAsync(edge.Id, CancellationToken.None));
        Assert.Null(await Builder().BuildAsync(EdgeId.New(), CancellationToken.None));
        Assert.Null(await Builder().RevisionAsync(EdgeId.New(), CancellationToken.None));
    }

    [Fact]
    public async Task RuleOfASuperadmin_IsPlannedAsAsked()
    {
        var (edge, admin) = (await _store.AddEdgeAsync(), await _store.AddAccountAsync("root", AccountRole.Superadmin));
        var stored = await _store.AddRuleAsync(edge, admin, s_web, rule => (rule.Revision, rule.DrainBefore, rule.DrainUntil) = (4, 3, _now));
        await _store.AddRuleAsync(await _store.AddEdgeAsync("other"), admin, s_web);

        var rule = Assert.Single((await BuildAsync(edge)).Rules);

        Assert.Equal((stored.Id, 4L, admin.Id, true), (rule.Id, rule.Revision, rule.Owner, rule.LocalTargets));
        Assert.Equal((null, new FlowOrder(3, _now)), (rule.CutBefore, rule.DrainBefore));
        Assert.Equal(("web", 8080, true), (rule.Rule?.Name, rule.Rule?.ListenPorts.First, rule.Rule?.Enabled));
    }

    [Fact]
    public async Task GrantsEnd_IsTheRulesEnd()
    {
        var (edge, tenant) = (await _store.AddEdgeAsync(), await _store.AddAccountAsync("tenant"));
        var grant = await _store.AddGrantAsync(tenant, edge.Id, "8000-9000", grant => grant.ExpiresAt = _now.AddHours(2));
        await _store.AddRuleAsync(edge, tenant, s_web);
        await _store.AddRuleAsync(edge, tenant, s_web with { Name = "short", ListenPort = 8081, ExpiresAt = _now.AddHours(1) });

        Assert.Equal([_now.AddHours(2), _now.AddHours(1)], (await BuildAsync(edge)).Rules.Select(rule => rule.Rule?.ExpiresAt));
        Assert.All((await BuildAsync(edge)).Rules, rule => Assert.False(rule.LocalTargets));

        await _store.ChangeAsync(grant, row => (row.ExpiresAt, row.LocalTargets) = (null, true));
        Assert.Equal([null, _now.AddHours(1)], (await BuildAsync(edge)).Rules.Select(rule => rule.Rule?.ExpiresAt));
        Assert.All((await BuildAsync(edge)).Rules, rule => Assert.True(rule.LocalTargets));
    }

    [Fact]
    public async Task RuleWithoutAGrant_IsStoppedAndItsFlowsCut()
    {
        var (edge, tenant) = (await _store.AddEdgeAsync(), await _store.AddAccountAsync("tenant"));
        var grant = await _store.AddGrantAsync(tenant, edge.Id, "8080");
        await _store.AddRuleAsync(edge, tenant, s_web, rule => rule.Revision = 5);
        Assert.True((await BuildAsync(edge)).Rules[0].Rule?.Enabled);

        await _store.ChangeAsync(grant, row => row.FirstPort = row.LastPort = 8081);

        var rule = (await BuildAsync(edge)).Rules[0];
        Assert.Equal((false, new FlowOrder(6, null)), (rule.Rule?.Enabled, rule.CutBefore));
    }

    [Fact]
    public async Task RuleOfADisabledOwner_IsStopped()
    {
        var (edge, tenant) = (await _store.AddEdgeAsync(), await _store.AddAccountAsync("tenant", disabled: true));
        await _store.AddGrantAsync(tenant);
        await _store.AddRuleAsync(edge, tenant, s_web);

        Assert.False((await BuildAsync(edge)).Rules[0].Rule?.Enabled);
    }

    [Fact]
    public async Task RemovedRule_StaysAsATombstone()
    {
        var edge = await _store.AddEdgeAsync();
        var (drained, cut) = (RuleId.New(), RuleId.New());
        await _store.AddAsync(
            new RuleTombstone { RuleId = drained, EdgeId = edge.Id, Revision = 8, DrainUntil = _now },
            new RuleTombstone { RuleId = cut, EdgeId = edge.Id, Revision = 9 });

        var rules = (await BuildAsync(edge)).Rules.ToDictionary(rule => rule.Id);

        Assert.All(rules.Values, rule => Assert.Null(rule.Rule));
        Assert.Equal((null, new FlowOrder(8, _now)), (rules[drained].CutBefore, rules[drained].DrainBefore));
        Assert.Equal((new FlowOrder(9, null), null), (rules[cut].CutBefore, rules[cut].DrainBefore));
    }

    [Theory]
    [InlineData("{\"shape\":\"of tomorrow\"}")]
    [InlineData("{\"name\":")]
    [InlineData("{} {}")]
    [InlineData("null")]
    [InlineData("")]
    public async Task RuleThatCannotBeRead_StaysVisibleAndRunsNothing(string spec)
    {
        var (edge, admin) = (await _store.AddEdgeAsync(), await _store.AddAccountAsync("root", AccountRole.Superadmin));
        await _store.AddRuleAsync(edge, admin, s_web, rule => rule.Spec = spec);
        await _store.AddRuleAsync(edge, admin, s_web with { Name = "sound", ListenPort = 8081 });

        var rules = (await BuildAsync(edge)).Rules;

        Assert.Equal([null, "sound"], rules.Select(rule => rule.Rule?.Name));
        Assert.False(string.IsNullOrEmpty(rules[0].Unread));
    }

    [Fact]
    public async Task OwnerLimits_AreInThePlan()
    {
        var (edge, tenant) = (await _store.AddEdgeAsync(), await _store.AddAccountAsync("tenant"));
        var limits = new LimitSpec { BytesPerSecondIn = 1, BytesPerSecondOut = 2, BurstBytesIn = 3, BurstBytesOut = 4, NewFlowsPerSecond = 5, NewFlowsBurst = 6, ConcurrentFlows = 7 };
        var row = new OwnerLimit { EdgeId = edge.Id, AccountId = tenant.Id };
        OwnerLimitRows.Write(row, limits);
        await _store.AddAsync(row);

        Assert.Equal(limits, (await BuildAsync(edge)).OwnerLimits[tenant.Id]);
    }

    private PlanBuilder Builder() => new(_store, TimeProvider.System, NullLogger<PlanBuilder>.Instance);

    /// <summary>As an edge reads it.</summary>
    private async Task<EdgePlan> BuildAsync(EdgeRow edge)
    {
        var sent = JsonSerializer.SerializeToUtf8Bytes((await Builder().BuildAsync(edge.Id, CancellationToken.None))!, LinkJson.Default.PlanMessage);
        return PlanReading.Read(JsonSerializer.Deserialize(sent, LinkJson.Default.PlanMessage)!);
    }
}

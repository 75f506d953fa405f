using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Shared.Rules;
using Portunus.Tests.Kit;
using Portunus.Web.Audit;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;
using Portunus.Web.Rules;
using EdgeRow = Portunus.Web.Database.Tables.Edge;

namespace Portunus.Tests.Web.Rules;

public sealed class RuleBulkTests : IAsyncLifetime, IDisposable
{
    private readonly TempDb _store = new();
    private readonly RuleBulk _bulk;
    private EdgeRow _edge = null!;
    private Account _root = null!;
    private Account _tenant = null!;

    public RuleBulkTests() => _bulk = new RuleBulk(new AuditTrail(_store.Lane, TimeProvider.System));

    public async Task InitializeAsync()
    {
        _edge = await _store.AddEdgeAsync("first");
        _root = await _store.AddAccountAsync("root", AccountRole.Superadmin);
        _tenant = await _store.AddAccountAsync("tenant");
        await _store.AddGrantAsync(_tenant, _edge.Id, "8000-8999");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task OneThatCannotBeDone_DoesNotHoldUpTheOthers()
    {
        var sound = await AddAsync(_tenant, 8001);
        var ungranted = await AddAsync(_tenant, 9001);
        var enabled = await AddAsync(_tenant, 8003, isEnabled: true);
        var foreign = await AddAsync(_root, 8004);
        var (twinA, twinB) = (await AddAsync(_tenant, 8005), await AddAsync(_tenant, 8005));

        var result = (await RunAsync(_tenant, BulkAction.Enable, [sound, ungranted, enabled, foreign, RuleId.New(), twinA, twinB, sound])).Value;

        Assert.Equal([sound.ToString(), twinA.ToString()], result.Done);
        Assert.Equal([enabled.ToString()], result.Unchanged);
        Assert.Equal(["rule_not_found", "rule_not_found", "ports_not_granted", "port_collision"], result.Refused.Select(one => Assert.Single(one.Errors).Code));
        await using var db = _store.CreateDbContext();
        Assert.Equal(3, await db.Rules.CountAsync(rule => rule.Enabled));
        Assert.Equal((2, 4), (await db.AuditEntries.CountAsync(entry => entry.Outcome == AuditOutcome.Done && entry.Action == "rule.enable"),
            await db.AuditEntries.CountAsync(entry => entry.Outcome == AuditOutcome.Refused)));
    }

    [Fact]
    public async Task Filter_MeansOwnRulesOnly()
    {
        await AddAsync(_tenant, 8001, isEnabled: true);
        await AddAsync(_tenant, 8002, isEnabled: true);
        await AddAsync(_root, 8003, isEnabled: true);

        var result = (await RunAsync(_tenant, BulkAction.Disable, null, new RuleFilter { Edge = _edge.Id })).Value;

        Assert.Equal((2, 0, 0), (result.Done.Count, result.Unchanged.Count, result.Refused.Count));
        await using var db = _store.CreateDbContext();
        Assert.Equal(_root.Id, (await db.Rules.SingleAsync(rule => rule.Enabled)).OwnerId);
        Assert.All(await db.Rules.Where(rule => !rule.Enabled).ToListAsync(), rule => Assert.Equal(2, rule.DrainBefore));
    }

    [Fact]
    public async Task Delete_RemovesAndLeavesTombstones()
    {
        var (one, other) = (await AddAsync(_tenant, 8001, isEnabled: true), await AddAsync(_tenant, 8002));

        Assert.Equal(2, (await RunAsync(_root, BulkAction.Delete, [one, other], flows: new FlowsAsked(FlowsKind.Cut, default))).Value.Done.Count);

        await using var db = _store.CreateDbContext();
        Assert.Equal((0, 2), (await db.Rules.CountAsync(), await db.RuleTombstones.CountAsync(tombstone => tombstone.DrainUntil == null)));
    }

    [Fact]
    public async Task NothingToDo_LeavesNoEntry()
    {
        var result = (await RunAsync(_tenant, BulkAction.Enable, null, new RuleFilter { Port = 1 })).Value;

        Assert.Empty(result.Done);
        await using var db = _store.CreateDbContext();
        Assert.Equal((0, 1L), (await db.AuditEntries.CountAsync(), (await db.EdgeRevisions.SingleAsync()).Number));
    }

    [Fact]
    public async Task WhatMeansEverythingOrNothing_IsRefused()
    {
        var auditor = await _store.AddAccountAsync("auditor", AccountRole.Auditor);

        Assert.Equal("bulk_empty", Assert.Single((await RunAsync(_root, BulkAction.Delete, null)).Problems).Code);
        Assert.Equal("flows_keep", Assert.Single((await RunAsync(_root, BulkAction.Disable, [RuleId.New()], flows: new FlowsAsked(FlowsKind.Keep, default))).Problems).Code);
        Assert.Equal("role_required", Assert.Single((await RunAsync(auditor, BulkAction.Delete, [RuleId.New()])).Problems).Code);
        Assert.Equal("bulk_too_many", Assert.Single((await RunAsync(_root, BulkAction.Delete, [.. Enumerable.Range(0, RuleBulk.MaxRules + 1).Select(_ => RuleId.New())])).Problems).Code);
    }

    private Task<Outcome<BulkResult>> RunAsync(Account actor, BulkAction action, IReadOnlyList<RuleId>? ids, RuleFilter? filter = null, FlowsAsked? flows = null) =>
        _bulk.RunAsync(actor.AsActor(), action, ids, filter ?? new RuleFilter(), flows ?? FlowsAsked.Default, CancellationToken.None);

    private async Task<RuleId> AddAsync(Account owner, int port, bool isEnabled = false) =>
        (await _store.AddRuleAsync(_edge, owner, new RuleSpec { ListenPort = port, Target = "192.0.2.1:80", Enabled = isEnabled })).Id;
}

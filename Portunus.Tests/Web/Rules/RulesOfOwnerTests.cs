using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Rules;
using Portunus.Tests.Kit;
using Portunus.Web.Accounts;
using Portunus.Web.Audit;
using Portunus.Web.Database.Tables;
using Portunus.Web.Grants;
using Portunus.Web.Outcomes;
using Portunus.Web.Rules;
using EdgeRow = Portunus.Web.Database.Tables.Edge;

namespace Portunus.Tests.Web.Rules;

/// <summary>What becomes of rules, grants and limits when something becomes of their account.</summary>
public sealed class RulesOfOwnerTests : IAsyncLifetime, IDisposable
{
    private readonly TempDb _store = new();
    private readonly AuditTrail _trail;
    private readonly IOwnerConsequence[] _consequences = [new GrantsOfOwner(), new RulesOfOwner()];
    private EdgeRow _edge = null!;
    private EdgeRow _limited = null!;
    private Account _root = null!;
    private Account _tenant = null!;
    private Rule _rule = null!;

    public RulesOfOwnerTests() => _trail = new AuditTrail(_store.Lane, TimeProvider.System);

    public async Task InitializeAsync()
    {
        (_edge, _limited) = (await _store.AddEdgeAsync("first"), await _store.AddEdgeAsync("limited"));
        (_root, _tenant) = (await _store.AddAccountAsync("root", AccountRole.Superadmin), await _store.AddAccountAsync("tenant"));
        await _store.AddGrantAsync(_tenant, _edge.Id);
        await _store.AddGrantAsync(_root);
        _rule = await _store.AddRuleAsync(_edge, _tenant, new RuleSpec { Name = "web", ListenPort = 80, Target = "192.0.2.1:80" });
        await _store.AddRuleAsync(_edge, _root, new RuleSpec { Name = "stays", ListenPort = 81, Target = "192.0.2.1:80" });
        await _store.AddAsync(new OwnerLimit { EdgeId = _limited.Id, AccountId = _tenant.Id, ConcurrentFlows = 1 });
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task DeletedAccount_TakesItsRulesAndGrantsAlong()
    {
        await FollowAsync(OwnerChange.Deleted);

        await using var db = _store.CreateDbContext();
        Assert.Equal("stays", (await db.Rules.SingleAsync()).Name);
        Assert.Equal(_root.Id, (await db.Grants.SingleAsync()).AccountId);
        var tombstone = await db.RuleTombstones.SingleAsync();
        Assert.Equal((_rule.Id, 2L, null), (tombstone.RuleId, tombstone.Revision, tombstone.DrainUntil));
        Assert.Equal((2L, 2L), (await NumberAsync(_edge), await NumberAsync(_limited)));
        Assert.Equal(["grant.revoke", "rule.delete", "test"], await db.AuditEntries.OrderBy(entry => entry.Seq).Select(entry => entry.Action).ToListAsync());
    }

    [Theory]
    [InlineData("Disabled")]
    [InlineData("Enabled")]
    [InlineData("RoleChanged")]
    public async Task AnythingElse_IsWorkedOutByThePlansAnew(string what)
    {
        await FollowAsync(Enum.Parse<OwnerChange>(what));

        await using var db = _store.CreateDbContext();
        Assert.Equal((2, 2), (await db.Rules.CountAsync(), await db.Grants.CountAsync()));
        Assert.Equal((2L, 1L), (await NumberAsync(_edge), await NumberAsync(_limited)));
    }

    [Fact]
    public async Task WhatWouldGo_IsListed()
    {
        await using var db = _store.CreateDbContext();
        var listed = new List<AuditSubject>();
        foreach (var consequence in _consequences)
        {
            listed.AddRange(await consequence.ListAsync(db, _tenant.Id, CancellationToken.None));
        }

        Assert.Equal(["grant ", "rule web"], listed.Select(subject => $"{subject.Kind} {subject.Name}"));
    }

    private async Task FollowAsync(OwnerChange what)
    {
        var outcome = await _trail.ChangeAsync<Nothing>(_root.AsActor(), "test", new AuditSubject("account"), async change =>
        {
            foreach (var consequence in _consequences)
            {
                await consequence.FollowAsync(change, _tenant.Id, what, CancellationToken.None);
            }

            change.Tell("test", new AuditSubject("account"));
            return default(Nothing);
        }, CancellationToken.None);
        Assert.True(outcome.IsDone);
    }

    private async Task<long> NumberAsync(EdgeRow edge)
    {
        await using var db = _store.CreateDbContext();
        return (await db.EdgeRevisions.SingleAsync(revision => revision.EdgeId == edge.Id)).Number;
    }
}

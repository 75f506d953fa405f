using Portunus.Shared.Ids;
using Portunus.Shared.Rules;
using Portunus.Tests.Kit;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Grants;
using Portunus.Web.Rules;
using EdgeRow = Portunus.Web.Database.Tables.Edge;

namespace Portunus.Tests.Web.Rules;

/// <summary>What one account can fill the store with is bounded, and each bound has its own code.</summary>
public sealed class RuleCountsTests : IDisposable
{
    private static readonly RuleSpec s_off = new() { ListenPort = 8080, Target = "192.0.2.1:80", Enabled = false };

    private readonly TempDb _store = new();

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData(1999, 19_999, null)]
    [InlineData(2000, 2000, "edge_rule_limit")]
    [InlineData(0, 20_000, "rule_limit")]
    public void Bounds_AreThose(int onEdge, int inAll, string? code) => Assert.Equal(code, RuleCounts.Refusal(onEdge, inAll)?.Code);

    [Fact]
    public async Task OwnerWithAllRulesOfAnEdge_GetsNoFurtherOneThere_NorByCloneOrGift()
    {
        var (edge, other) = (await _store.AddEdgeAsync("full"), await _store.AddEdgeAsync("other"));
        var (root, tenant) = (await _store.AddAccountAsync("root", AccountRole.Superadmin), await _store.AddAccountAsync("tenant"));
        await _store.AddGrantAsync(tenant);
        var rows = Enumerable.Range(0, RuleCounts.MaxOnEdge).Select(_ => Row(edge, tenant)).ToArray();
        await _store.AddAsync(rows);
        var given = await _store.AddRuleAsync(edge, root, s_off);
        var writer = new RuleWriter(new AuditTrail(_store.Lane, TimeProvider.System), _store.RuleReader());

        var made = await writer.CreateAsync(tenant.AsActor(), new RuleAsked(edge.Id, null, s_off), CancellationToken.None);
        var cloned = await writer.CloneAsync(tenant.AsActor(), ((Rule)rows[0]).Id, asked => asked, CancellationToken.None);
        var gift = await writer.ChangeAsync(root.AsActor(), given.Id, null, asked => asked with { Owner = tenant.Id }, FlowsAsked.Default, CancellationToken.None);
        var elsewhere = await writer.CreateAsync(tenant.AsActor(), new RuleAsked(other.Id, null, s_off), CancellationToken.None);
        var changed = await writer.ChangeAsync(
            tenant.AsActor(), ((Rule)rows[0]).Id, null, asked => asked with { Spec = asked.Spec with { Note = "still mine" } }, FlowsAsked.Default, CancellationToken.None);

        Assert.All([made, cloned, gift], one => Assert.Equal("edge_rule_limit", Assert.Single(one.Problems).Code));
        Assert.True(elsewhere.IsDone && changed.IsDone);
    }

    [Fact]
    public async Task AccountWithAllGrants_GetsNoFurtherOne()
    {
        var (root, tenant) = (await _store.AddAccountAsync("root", AccountRole.Superadmin), await _store.AddAccountAsync("tenant"));
        await _store.AddAsync([.. Enumerable.Range(1, GrantWriter.MaxPerAccount).Select(port => (object)new Grant { Id = GrantId.New(), AccountId = tenant.Id, FirstPort = port, LastPort = port, Tcp = true })]);
        var fields = new GrantFields { Account = tenant.Id.ToString(), Edge = "all", Ports = "9000", Protocols = ["tcp"] };
        var refused = await new GrantWriter(new AuditTrail(_store.Lane, TimeProvider.System)).CreateAsync(root.AsActor(), fields, CancellationToken.None);
        Assert.Equal("grant_limit", Assert.Single(refused.Problems).Code);
    }

    private static object Row(EdgeRow edge, Account owner)
    {
        var row = new Rule { Id = RuleId.New(), EdgeId = edge.Id, OwnerId = owner.Id };
        RuleRows.Write(row, s_off, RuleCheck.Check(s_off).Rule!);
        return row;
    }
}

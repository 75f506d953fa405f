using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Shared.Rules;
using Portunus.Tests.Kit;
using Portunus.Web.Api;
using Portunus.Web.Audit;
using Portunus.Web.Database.Tables;
using Portunus.Web.Grants;
using Portunus.Web.Outcomes;
using EdgeRow = Portunus.Web.Database.Tables.Edge;

namespace Portunus.Tests.Web.Grants;

public sealed class GrantWriterTests : IAsyncLifetime, IDisposable
{
    private static readonly RuleSpec s_web = new() { Name = "web", ListenPort = 8080, Target = "192.0.2.1:80" };

    private readonly TempDb _store = new();
    private readonly GrantWriter _writer;
    private readonly GrantReader _reader;
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();
    private EdgeRow _edge = null!;
    private Account _root = null!;
    private Account _tenant = null!;

    public GrantWriterTests()
    {
        _writer = new GrantWriter(new AuditTrail(_store.Lane, TimeProvider.System));
        _reader = new GrantReader(_store, TimeProvider.System);
    }

    private GrantFields Fields => new() { Account = _tenant.Id.ToString(), Edge = _edge.Id.ToString(), Ports = "8000-8999", Protocols = ["tcp"] };

    public async Task InitializeAsync()
    {
        _edge = await _store.AddEdgeAsync("first");
        _root = await _store.AddAccountAsync("root", AccountRole.Superadmin);
        _tenant = await _store.AddAccountAsync("tenant");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task NewGrant_IsStoredAndTold()
    {
        var view = (await CreateAsync(Fields with { Protocols = ["udp", "tcp"], Note = "for mail", ExpiresAt = _now.AddDays(1) })).Grant!;

        Assert.Equal(("tenant", "first", "8000-8999", "for mail", 1L), (view.AccountName, view.EdgeName, view.Ports, view.Note, view.Revision));
        Assert.Equal(["tcp", "udp"], view.Protocols);
        await using var db = _store.CreateDbContext();
        var entry = await db.AuditEntries.SingleAsync();
        Assert.Equal(("grant.create", view.Id, "tenant"), (entry.Action, entry.SubjectId, entry.SubjectName));
        Assert.Contains("8000-8999", entry.After, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EverythingWrong_IsToldAtOnce()
    {
        var fields = new GrantFields { Account = AccountId.New().ToString(), Edge = EdgeId.New().ToString(), Ports = "9-8", Protocols = ["icmp"], ExpiresAt = _now, Note = new string('n', 501) };

        Assert.Equal(["account_not_found", "edge_not_found", "expires_at_past", "note_length", "ports_malformed", "protocol_unknown"], await CodesAsync(fields));
        Assert.Equal(["account_missing", "edge_missing", "ports_missing", "protocols_missing"], await CodesAsync(new GrantFields()));
        Assert.Equal(["account_malformed", "edge_malformed"], await CodesAsync(Fields with { Account = "tenant", Edge = "first" }));
        Assert.Equal(["grant_needs_user"], await CodesAsync(Fields with { Account = _root.Id.ToString() }));
    }

    [Fact]
    public async Task OnlySuperadmins_ChangeGrants()
    {
        var id = await AddAsync(Fields);
        var auditor = await _store.AddAccountAsync("auditor", AccountRole.Auditor);

        foreach (var actor in new[] { _tenant.AsActor(), auditor.AsActor() })
        {
            Assert.Equal("role_required", Assert.Single((await _writer.CreateAsync(actor, Fields, CancellationToken.None)).Problems).Code);
            Assert.Equal("role_required", Assert.Single((await _writer.ChangeAsync(actor, id, null, fields => fields, false, CancellationToken.None)).Problems).Code);
            Assert.Equal("role_required", Assert.Single((await _writer.RevokeAsync(actor, id, null, false, CancellationToken.None)).Problems).Code);
        }

        Assert.Equal("scope_required", Assert.Single((await _writer.CreateAsync(_root.AsActor() with { IsReadOnly = true }, Fields, CancellationToken.None)).Problems).Code);
        await using var db = _store.CreateDbContext();
        Assert.Equal(7, await db.AuditEntries.CountAsync(entry => entry.Outcome == AuditOutcome.Refused));
    }

    [Fact]
    public async Task ShrinkingGrant_ListsWhatStopsAndDryRunOnlyLists()
    {
        var id = await AddAsync(Fields);
        await _store.AddRuleAsync(_edge, _tenant, s_web);
        var kept = await _store.AddRuleAsync(_edge, _tenant, s_web with { Name = "kept", ListenPort = 8500 });
        await _store.AddRuleAsync(_edge, _tenant, s_web with { Name = "off", Enabled = false });

        var trial = (await ChangeAsync(id, fields => fields with { Ports = "8500-8999" }, isTrial: true)).Value;
        Assert.Equal("web", Assert.Single(trial.RulesStopped).Name);
        Assert.Equal((1L, 1L), await RevisionsAsync(id));

        var done = (await ChangeAsync(id, fields => fields with { Ports = "8500-8999" })).Value;
        Assert.Equal("web", Assert.Single(done.RulesStopped).Name);
        Assert.Equal((2L, 2L), await RevisionsAsync(id));
        await using var db = _store.CreateDbContext();
        Assert.Equal(3, await db.Rules.CountAsync());
        Assert.Equal(1, await db.Rules.Where(rule => rule.Id == kept.Id).Select(rule => rule.Revision).SingleAsync());
    }

    [Fact]
    public async Task AnotherGrantThatCovers_KeepsTheRule()
    {
        var id = await AddAsync(Fields);
        await AddAsync(Fields with { Edge = "all", Ports = "8080" });
        await _store.AddRuleAsync(_edge, _tenant, s_web);

        Assert.Empty((await _writer.RevokeAsync(_root.AsActor(), id, null, false, CancellationToken.None)).Value.RulesStopped);
    }

    [Fact]
    public async Task Revoking_StopsAndGrantingAgainResumes()
    {
        var id = await AddAsync(Fields);
        await _store.AddRuleAsync(_edge, _tenant, s_web);

        var revoked = (await _writer.RevokeAsync(_root.AsActor(), id, 1, false, CancellationToken.None)).Value;
        Assert.Equal((null, "web"), (revoked.Grant, Assert.Single(revoked.RulesStopped).Name));

        var again = await CreateAsync(Fields);
        Assert.Equal("web", Assert.Single(again.RulesResumed).Name);
        Assert.Empty(again.RulesDisabled);
        await using var db = _store.CreateDbContext();
        Assert.Equal(3, (await db.EdgeRevisions.SingleAsync()).Number);
    }

    [Fact]
    public async Task RuleThatComesBackToATakenPort_IsDisabled()
    {
        var lost = await _store.AddRuleAsync(_edge, _tenant, s_web);
        await _store.AddRuleAsync(_edge, _root, s_web);

        var effect = await CreateAsync(Fields);

        Assert.Empty(effect.RulesResumed);
        Assert.Equal(lost.Id.ToString(), Assert.Single(effect.RulesDisabled).Id);
        await using var db = _store.CreateDbContext();
        var row = await db.Rules.SingleAsync(rule => rule.Id == lost.Id);
        Assert.Equal((false, 2L), (row.Enabled, row.Revision));
        Assert.Contains("\"enabled\":false", row.Spec, StringComparison.Ordinal);
        Assert.Equal(["grant.create", "rule.disable"], await db.AuditEntries.OrderBy(entry => entry.Seq).Select(entry => entry.Action).ToListAsync());
    }

    [Fact]
    public async Task StaleRevisionAndUnknownId_ChangeNothing()
    {
        var id = await AddAsync(Fields);
        Assert.True((await ChangeAsync(id, fields => fields with { Note = "one" }, revision: 1)).IsDone);

        Assert.Equal("revision_stale", Assert.Single((await ChangeAsync(id, fields => fields with { Note = "two" }, revision: 1)).Problems).Code);
        Assert.Equal("revision_stale", Assert.Single((await _writer.RevokeAsync(_root.AsActor(), id, 1, false, CancellationToken.None)).Problems).Code);
        Assert.Equal("grant_not_found", Assert.Single((await ChangeAsync(GrantId.New(), fields => fields)).Problems).Code);
        Assert.Equal("account_fixed", Assert.Single((await ChangeAsync(id, fields => fields with { Account = _root.Id.ToString() })).Problems).Code);
    }

    [Fact]
    public async Task Reader_ShowsATenantOwnGrantsOnly()
    {
        var other = await _store.AddAccountAsync("other");
        await _store.AddGrantAsync(other, _edge.Id, "1-10");
        var foreign = await _store.AddGrantAsync(other, null, "11-20");
        var id = await AddAsync(Fields);
        var auditor = await _store.AddAccountAsync("auditor", AccountRole.Auditor);

        Assert.Equal(id.ToString(), Assert.Single((await ListAsync(_tenant)).Items).Id);
        Assert.Equal(3, (await ListAsync(auditor)).Items.Count);
        Assert.Equal("grant_not_found", Assert.Single((await _reader.GetAsync(_tenant.AsActor(), foreign.Id, CancellationToken.None)).Problems).Code);
        Assert.Equal(("all", null), ((await _reader.GetAsync(auditor.AsActor(), foreign.Id, CancellationToken.None)).Value is var view ? view.Edge : "", view.EdgeName));
    }

    [Fact]
    public async Task Pages_HoldEveryGrantOnce()
    {
        for (var port = 1; port <= 7; port++)
        {
            await AddAsync(Fields with { Ports = $"{port}" });
        }

        var (seen, asked) = (new List<string>(), new PageAsked(3, null));
        while (true)
        {
            var page = (await _reader.ListAsync(_root.AsActor(), _tenant.Id, _edge.Id, asked, CancellationToken.None)).Value;
            seen.AddRange(page.Items.Select(item => item.Ports));
            if (page.Next is null)
            {
                break;
            }

            asked = PageAsked.Read("3", page.Next).Value;
        }

        Assert.Equal(["1", "2", "3", "4", "5", "6", "7"], seen);
    }

    private async Task<GrantEffect> CreateAsync(GrantFields fields) => (await _writer.CreateAsync(_root.AsActor(), fields, CancellationToken.None)).Value;

    private async Task<GrantId> AddAsync(GrantFields fields)
    {
        Assert.True(GrantId.TryParse((await CreateAsync(fields)).Grant?.Id, out var id));
        return id;
    }

    private async Task<IEnumerable<string>> CodesAsync(GrantFields fields) =>
        (await _writer.CreateAsync(_root.AsActor(), fields, CancellationToken.None)).Problems.Select(problem => problem.Code).Order();

    private Task<Outcome<GrantEffect>> ChangeAsync(GrantId id, Func<GrantFields, GrantFields> edit, bool isTrial = false, long? revision = null) =>
        _writer.ChangeAsync(_root.AsActor(), id, revision, fields => edit(fields), isTrial, CancellationToken.None);

    private async Task<Page<GrantView>> ListAsync(Account actor) => (await _reader.ListAsync(actor.AsActor(), null, null, PageAsked.First, CancellationToken.None)).Value;

    private async Task<(long Grant, long Plan)> RevisionsAsync(GrantId id)
    {
        await using var db = _store.CreateDbContext();
        return ((await db.Grants.SingleAsync(grant => grant.Id == id)).Revision, (await db.EdgeRevisions.SingleAsync()).Number);
    }
}

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

public sealed class RuleWriterTests : IAsyncLifetime, IDisposable
{
    private static readonly RuleSpec s_web = new() { Name = "web", ListenPort = 8080, Target = "192.0.2.1:80" };

    private readonly TempDb _store = new();
    private readonly RuleWriter _writer;
    private EdgeRow _edge = null!;
    private Account _root = null!;
    private Account _tenant = null!;
    private Account _other = null!;

    public RuleWriterTests() => _writer = new RuleWriter(new AuditTrail(_store.Lane, TimeProvider.System), _store.RuleReader());

    public async Task InitializeAsync()
    {
        _edge = await _store.AddEdgeAsync("first");
        _root = await _store.AddAccountAsync("root", AccountRole.Superadmin);
        _tenant = await _store.AddAccountAsync("tenant");
        _other = await _store.AddAccountAsync("other");
        await _store.AddGrantAsync(_tenant, _edge.Id, "8000-8999");
        await _store.AddGrantAsync(_other, null, "8000-8999");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task NewRule_IsStoredToldAndPlanned()
    {
        var view = (await CreateAsync(_tenant, s_web)).Value;

        Assert.Equal(("web", 8080L, "tcp", true, 1L), (view.Name, view.ListenPort, view.Protocol, view.Enabled, view.Revision));
        Assert.Equal((_tenant.Id.ToString(), "tenant", _edge.Id.ToString(), "first"), (view.Owner, view.OwnerName, view.Edge, view.EdgeName));
        Assert.Equal((RuleDesire.Enabled, "waiting", 2L), (view.Status.Desired.State, view.Status.Applied.State, view.Status.Plan.Wanted));
        await using var db = _store.CreateDbContext();
        Assert.Equal(2, (await db.EdgeRevisions.SingleAsync()).Number);
        var entry = await db.AuditEntries.SingleAsync();
        Assert.Equal(("rule.create", view.Id, "web", AuditOutcome.Done, "tenant"), (entry.Action, entry.SubjectId, entry.SubjectName, entry.Outcome, entry.ActorName));
        Assert.Null(entry.Before);
        Assert.Contains("\"target\":\"192.0.2.1:80\"", entry.After, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EverythingWrong_IsToldAtOnce()
    {
        await CreateAsync(_other, s_web with { Name = "theirs", ListenPort = 9000 }, _root, _root.Id);
        await CreateAsync(_tenant, s_web);

        var wrong = await CreateAsync(_tenant, s_web with { ListenPort = 9000 });

        Assert.Equal(["name_taken", "port_collision", "ports_not_granted"], wrong.Problems.Select(problem => problem.Code).Order());
        var malformed = await CreateAsync(_tenant, s_web with { Protocol = "sctp", Target = "nowhere", Note = new string('n', 501), ExpiresAt = TimeProvider.System.GetUtcNow().AddMinutes(-1) });
        Assert.Equal(["expires_at_past", "name_taken", "note_length", "protocol_unknown", "target_malformed"], malformed.Problems.Select(problem => problem.Code).Order());
        await using var db = _store.CreateDbContext();
        Assert.Equal(2, await db.Rules.CountAsync());
        Assert.Equal(["name_taken,ports_not_granted,port_collision", "protocol_unknown,target_malformed,note_length,expires_at_past,name_taken"],
            await db.AuditEntries.Where(entry => entry.Outcome == AuditOutcome.Refused).OrderBy(entry => entry.Seq).Select(entry => entry.Reason).ToListAsync());
    }

    [Fact]
    public async Task Collision_DoesNotNameAnotherTenantsRule()
    {
        await CreateAsync(_other, s_web with { Name = "secret plans" });

        var seenByTenant = Assert.Single((await CreateAsync(_tenant, s_web)).Problems);
        var seenByRoot = Assert.Single((await CreateAsync(_tenant, s_web, _root)).Problems);

        Assert.Equal(("port_collision", "listen_port", ProblemKind.Conflict), (seenByTenant.Code, seenByTenant.Field, seenByTenant.Kind));
        Assert.DoesNotContain("secret", seenByTenant.Text, StringComparison.Ordinal);
        Assert.Contains("secret plans", seenByRoot.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NameOfAnotherOwner_IsFree()
    {
        Assert.True((await CreateAsync(_other, s_web)).IsDone);
        Assert.True((await CreateAsync(_tenant, s_web with { ListenPort = 8081 })).IsDone);
        Assert.True((await CreateAsync(_tenant, s_web with { Name = null, ListenPort = 8082 })).IsDone);
        Assert.True((await CreateAsync(_tenant, s_web with { Name = null, ListenPort = 8083 })).IsDone);
    }

    [Fact]
    public async Task TwoRequestsForOnePort_OneWins()
    {
        for (var port = 8100; port < 8110; port++)
        {
            var spec = s_web with { Name = null, ListenPort = port };
            var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(turn => Task.Run(() => CreateAsync(turn % 2 == 0 ? _tenant : _other, spec))));

            Assert.Single(answers, answer => answer.IsDone);
            Assert.All(answers.Where(answer => !answer.IsDone), answer => Assert.Equal("port_collision", Assert.Single(answer.Problems).Code));
        }
    }

    [Fact]
    public async Task DisabledExpiredAndUngrantedRules_HoldNoPort()
    {
        var now = TimeProvider.System.GetUtcNow();
        await _store.AddRuleAsync(_edge, _other, s_web with { Name = "disabled", Enabled = false });
        await _store.AddRuleAsync(_edge, _other, s_web with { Name = "expired", ExpiresAt = now.AddMinutes(-1) });
        await _store.AddRuleAsync(_edge, await _store.AddAccountAsync("without"), s_web with { Name = "ungranted" });

        Assert.True((await CreateAsync(_tenant, s_web)).IsDone);
    }

    [Fact]
    public async Task RuleOfADisabledAccount_KeepsItsPort()
    {
        await CreateAsync(_other, s_web);
        await _store.ChangeAsync(_other, account => account.Disabled = true);

        Assert.Equal("port_collision", Assert.Single((await CreateAsync(_tenant, s_web)).Problems).Code);
    }

    [Fact]
    public async Task ServerNamesUnderAnotherOwnersWildcard_AreRefusedBothWays()
    {
        await CreateAsync(_other, s_web with { Name = "wild", ListenPort = 8443, Sni = ["*.example.org"] });
        await CreateAsync(_other, s_web with { Name = "exact", ListenPort = 8444, Sni = ["a.example.org"] });

        Assert.Equal("sni_of_another_owner", Assert.Single((await CreateAsync(_tenant, s_web with { ListenPort = 8443, Sni = ["a.example.org"] })).Problems).Code);
        Assert.Equal("sni_of_another_owner", Assert.Single((await CreateAsync(_tenant, s_web with { ListenPort = 8444, Sni = ["*.example.org"] })).Problems).Code);
        Assert.True((await CreateAsync(_tenant, s_web with { ListenPort = 8443, Sni = ["a.example.net"] })).IsDone);
        Assert.True((await CreateAsync(_other, s_web with { Name = "own", ListenPort = 8443, Sni = ["b.example.org"] })).IsDone);
    }

    [Fact]
    public async Task EdgeThatATenantMayNotKnow_DoesNotExist()
    {
        var hidden = await _store.AddEdgeAsync("hidden");

        foreach (var edge in new[] { hidden.Id, EdgeId.New() })
        {
            var problem = Assert.Single((await _writer.CreateAsync(_tenant.AsActor(), new RuleAsked(edge, null, s_web), CancellationToken.None)).Problems);
            Assert.Equal(("edge_not_found", "edge", ProblemKind.NotFound), (problem.Code, problem.Field, problem.Kind));
        }
    }

    [Fact]
    public async Task Owner_IsTheCallerUnlessASuperadminNamesAnother()
    {
        Assert.Equal("owner_forbidden", Assert.Single((await CreateAsync(_other, s_web, _tenant)).Problems).Code);
        Assert.Equal(_other.Id.ToString(), (await CreateAsync(_other, s_web, _root)).Value.Owner);
        Assert.Equal("owner_not_found", (await CreateAsync(_other, s_web with { ListenPort = 8081 }, _root, AccountId.New())).Problems[0].Code);
        var auditor = await _store.AddAccountAsync("auditor", AccountRole.Auditor);
        Assert.Equal("owner_is_auditor", (await CreateAsync(auditor, s_web with { ListenPort = 8081 }, _root)).Problems[0].Code);
        Assert.Equal("role_required", (await CreateAsync(auditor, s_web with { ListenPort = 8081 })).Problems[0].Code);
    }

    [Fact]
    public async Task Change_KeepsWhatIsNotSaidAndCountsUp()
    {
        var id = await AddAsync(_tenant, s_web with { Note = "kept" });

        var view = (await ChangeAsync(_tenant, id, spec => spec with { ListenPort = 8081 }, revision: 1)).Value;

        Assert.Equal((8081L, "kept", 2L), (view.ListenPort, view.Note, view.Revision));
        await using var db = _store.CreateDbContext();
        Assert.Equal((3L, 8081), ((await db.EdgeRevisions.SingleAsync()).Number, (await db.Rules.SingleAsync()).FirstPort));
        var entry = await db.AuditEntries.OrderBy(entry => entry.Seq).LastAsync();
        Assert.Contains("\"listen_port\":8080", entry.Before, StringComparison.Ordinal);
        Assert.Contains("\"listen_port\":8081", entry.After, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StaleRevision_ChangesNothing()
    {
        var id = await AddAsync(_tenant, s_web);
        Assert.True((await ChangeAsync(_tenant, id, spec => spec with { Note = "one" }, revision: 1)).IsDone);

        var problem = Assert.Single((await ChangeAsync(_tenant, id, spec => spec with { Note = "two" }, revision: 1)).Problems);

        Assert.Equal(("revision_stale", ProblemKind.Stale), (problem.Code, problem.Kind));
        Assert.Equal("revision_stale", Assert.Single((await _writer.DeleteAsync(_tenant.AsActor(), id, 1, FlowsAsked.Default, CancellationToken.None)).Problems).Code);
        Assert.True((await ChangeAsync(_tenant, id, spec => spec with { Note = "three" }, revision: null)).IsDone);
    }

    [Fact]
    public async Task RuleOfAnotherTenant_DoesNotExist()
    {
        var id = await AddAsync(_other, s_web);
        var actor = _tenant.AsActor();

        Assert.Equal(ProblemKind.NotFound, Assert.Single((await ChangeAsync(_tenant, id, spec => spec)).Problems).Kind);
        Assert.Equal(ProblemKind.NotFound, Assert.Single((await _writer.DeleteAsync(actor, id, null, FlowsAsked.Default, CancellationToken.None)).Problems).Kind);
        Assert.Equal(ProblemKind.NotFound, Assert.Single((await _writer.CloneAsync(actor, id, asked => asked, CancellationToken.None)).Problems).Kind);
        Assert.True((await ChangeAsync(_root, id, spec => spec with { Note = "by root" })).IsDone);
    }

    [Fact]
    public async Task Auditor_ChangesNothing()
    {
        var id = await AddAsync(_tenant, s_web);
        var auditor = await _store.AddAccountAsync("auditor", AccountRole.Auditor);

        Assert.Equal("role_required", Assert.Single((await ChangeAsync(auditor, id, spec => spec)).Problems).Code);
        Assert.Equal("role_required", Assert.Single((await _writer.DeleteAsync(auditor.AsActor(), id, null, FlowsAsked.Default, CancellationToken.None)).Problems).Code);
    }

    [Fact]
    public async Task Flows_KeepWithAChangeAndDrainWhereTheRuleStops()
    {
        var id = await AddAsync(_tenant, s_web);
        await ChangeAsync(_tenant, id, spec => spec with { Note = "kept" });
        Assert.Equal((0L, 0L), Orders(await RowAsync(id)));

        await ChangeAsync(_tenant, id, spec => spec with { Note = "cut" }, flows: new FlowsAsked(FlowsKind.Cut, default));
        Assert.Equal((3L, 0L), Orders(await RowAsync(id)));

        var before = TimeProvider.System.GetUtcNow();
        await ChangeAsync(_tenant, id, spec => spec with { Enabled = false });
        var row = await RowAsync(id);
        Assert.Equal((3L, 4L), Orders(row));
        Assert.InRange(row.DrainUntil!.Value, before + FlowsAsked.DefaultDeadline, before + FlowsAsked.DefaultDeadline + TimeSpan.FromSeconds(20));

        Assert.Equal("flows_keep", Assert.Single((await _writer.DeleteAsync(_tenant.AsActor(), id, null, new FlowsAsked(FlowsKind.Keep, default), CancellationToken.None)).Problems).Code);
    }

    [Fact]
    public async Task DeletedRule_LeavesATombstone()
    {
        var (drained, cut) = (await AddAsync(_tenant, s_web), await AddAsync(_tenant, s_web with { Name = "b", ListenPort = 8081 }));

        Assert.True((await _writer.DeleteAsync(_tenant.AsActor(), drained, 1, new FlowsAsked(FlowsKind.Drain, TimeSpan.FromMinutes(5)), CancellationToken.None)).IsDone);
        Assert.True((await _writer.DeleteAsync(_tenant.AsActor(), cut, null, new FlowsAsked(FlowsKind.Cut, default), CancellationToken.None)).IsDone);

        await using var db = _store.CreateDbContext();
        var tombstones = await db.RuleTombstones.ToDictionaryAsync(tombstone => tombstone.RuleId);
        Assert.Equal((2L, true), (tombstones[drained].Revision, tombstones[drained].DrainUntil > TimeProvider.System.GetUtcNow().AddMinutes(4)));
        Assert.Equal((2L, null), (tombstones[cut].Revision, tombstones[cut].DrainUntil));
        Assert.Empty(await db.Rules.ToListAsync());
        Assert.Equal(5, (await db.EdgeRevisions.SingleAsync()).Number);
        Assert.True((await CreateAsync(_other, s_web)).IsDone);
    }

    [Fact]
    public async Task Enabling_AsksForThePortAgain()
    {
        var id = await AddAsync(_tenant, s_web with { Enabled = false });
        await CreateAsync(_other, s_web);

        Assert.Equal("port_collision", Assert.Single((await ChangeAsync(_tenant, id, spec => spec with { Enabled = true })).Problems).Code);
    }

    [Fact]
    public async Task RuleWithoutItsGrant_CannotBeChangedIntoAnythingUngranted()
    {
        var id = await AddAsync(_tenant, s_web);

        Assert.Equal("ports_not_granted", Assert.Single((await ChangeAsync(_tenant, id, spec => spec with { ListenPort = 9000 })).Problems).Code);
        Assert.Equal("protocol_not_granted", Assert.Single((await ChangeAsync(_tenant, id, spec => spec with { Protocol = "udp" })).Problems).Code);
        Assert.Equal("edge_fixed", Assert.Single((await _writer.ChangeAsync(
            _tenant.AsActor(), id, null, asked => asked with { Edge = EdgeId.New() }, FlowsAsked.Default, CancellationToken.None)).Problems).Code);
    }

    [Fact]
    public async Task RuleThatLostItsGrant_MayBeSwitchedOffAndNotedButNotOn()
    {
        var row = await _store.AddRuleAsync(_edge, _tenant, s_web with { ListenPort = 9000 });
        await CreateAsync(_tenant, s_web with { Name = "theirs", ListenPort = 9000 }, _root, _root.Id);

        Assert.Equal(RuleDesire.NotPermitted, (await ChangeAsync(_tenant, row.Id, spec => spec with { Note = "why?" })).Value.Status.Desired.State);
        Assert.True((await ChangeAsync(_tenant, row.Id, spec => spec with { Enabled = false })).IsDone);
        Assert.Equal(["port_collision", "ports_not_granted"], (await ChangeAsync(_tenant, row.Id, spec => spec with { Enabled = true })).Problems.Select(problem => problem.Code).Order());
        Assert.Equal("ports_not_granted", Assert.Single((await ChangeAsync(_tenant, row.Id, spec => spec with { ListenPort = 9001 })).Problems).Code);
        Assert.True((await ChangeAsync(_tenant, row.Id, spec => spec with { ListenPort = 8001, Enabled = true })).IsDone);
    }

    [Fact]
    public async Task ExpiredRule_AsksForItsPortAgainWhenItIsExtended()
    {
        var now = TimeProvider.System.GetUtcNow();
        var row = await _store.AddRuleAsync(_edge, _tenant, s_web with { ExpiresAt = now.AddMinutes(-1) });
        await CreateAsync(_other, s_web);

        Assert.True((await ChangeAsync(_tenant, row.Id, spec => spec with { Note = "over" })).IsDone);
        Assert.Equal("port_collision", Assert.Single((await ChangeAsync(_tenant, row.Id, spec => spec with { ExpiresAt = now.AddHours(1) })).Problems).Code);
    }

    [Fact]
    public async Task ServerNamesChanged_AskForThePortAgain()
    {
        var id = await AddAsync(_tenant, s_web with { Sni = ["a.example.org"] });
        await CreateAsync(_other, s_web with { Sni = ["b.example.org"] });

        Assert.Equal("sni_name_duplicate", Assert.Single((await ChangeAsync(_tenant, id, spec => spec with { Sni = ["b.example.org"] })).Problems).Code);
        Assert.Equal("port_collision", Assert.Single((await ChangeAsync(_tenant, id, spec => spec with { Sni = null })).Problems).Code);
    }

    [Fact]
    public async Task Owner_IsChangedBySuperadminsOnly()
    {
        var id = await AddAsync(_tenant, s_web);
        Task<Outcome<RuleView>> HandOver(Account actor) =>
            _writer.ChangeAsync(actor.AsActor(), id, null, asked => asked with { Owner = _other.Id }, FlowsAsked.Default, CancellationToken.None);

        Assert.Equal("owner_forbidden", Assert.Single((await HandOver(_tenant)).Problems).Code);
        Assert.Equal("other", (await HandOver(_root)).Value.OwnerName);
    }

    [Fact]
    public async Task Clone_IsDisabledAndNamelessUnlessSaidOtherwise()
    {
        var id = await AddAsync(_tenant, s_web with { Note = "kept" });

        var plain = (await _writer.CloneAsync(_tenant.AsActor(), id, asked => asked, CancellationToken.None)).Value;
        var moved = (await _writer.CloneAsync(_tenant.AsActor(), id, asked => asked with { Spec = asked.Spec with { Name = "copy", ListenPort = 8081, Enabled = true } }, CancellationToken.None)).Value;

        Assert.Equal((null, false, 8080L, "kept"), (plain.Name, plain.Enabled, plain.ListenPort, plain.Note));
        Assert.Equal(("copy", true, 8081L, 1L), (moved.Name, moved.Enabled, moved.ListenPort, moved.Revision));
        Assert.NotEqual(id.ToString(), moved.Id);
    }

    private static (long Cut, long Drain) Orders(Rule row) => (row.CutBefore, row.DrainBefore);

    private Task<Outcome<RuleView>> CreateAsync(Account owner, RuleSpec spec, Account? actor = null, AccountId? ownerId = null) =>
        _writer.CreateAsync((actor ?? owner).AsActor(), new RuleAsked(_edge.Id, ownerId ?? (actor is null ? null : owner.Id), spec), CancellationToken.None);

    private async Task<RuleId> AddAsync(Account owner, RuleSpec spec)
    {
        Assert.True(RuleId.TryParse((await CreateAsync(owner, spec)).Value.Id, out var id));
        return id;
    }

    private Task<Outcome<RuleView>> ChangeAsync(Account actor, RuleId id, Func<RuleSpec, RuleSpec> edit, long? revision = null, FlowsAsked? flows = null) =>
        _writer.ChangeAsync(actor.AsActor(), id, revision, asked => asked with { Spec = edit(asked.Spec) }, flows ?? FlowsAsked.Default, CancellationToken.None);

    private async Task<Rule> RowAsync(RuleId id)
    {
        await using var db = _store.CreateDbContext();
        return await db.Rules.SingleAsync(rule => rule.Id == id);
    }
}

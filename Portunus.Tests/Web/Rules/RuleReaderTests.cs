using Portunus.Shared.Rules;
using Portunus.Tests.Kit;
using Portunus.Web.Api;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;
using Portunus.Web.Rules;
using EdgeRow = Portunus.Web.Database.Tables.Edge;

namespace Portunus.Tests.Web.Rules;

public sealed class RuleReaderTests : IAsyncLifetime, IDisposable
{
    private readonly TempDb _store = new();
    private readonly RuleReader _reader;
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();
    private EdgeRow _edge = null!;
    private EdgeRow _second = null!;
    private Account _root = null!;
    private Account _tenant = null!;

    public RuleReaderTests() => _reader = _store.RuleReader();

    public async Task InitializeAsync()
    {
        (_edge, _second) = (await _store.AddEdgeAsync("first"), await _store.AddEdgeAsync("second"));
        _root = await _store.AddAccountAsync("root", AccountRole.Superadmin);
        _tenant = await _store.AddAccountAsync("tenant");
        await AddAsync(_edge, _root, "charlie", 300, "192.0.2.1:80");
        await AddAsync(_edge, _root, "alpha", 100, "mail.example.org:25", spec => spec with { Note = "Ünïcode NOTE" });
        await AddAsync(_second, _root, "bravo", 200, "192.0.2.1:80", spec => spec with { Protocol = "udp", Enabled = false });
        await AddAsync(_edge, _tenant, "bravo", 200, "192.0.2.2:80");
        await AddAsync(_edge, _root, null, 400, "192.0.2.1:400-410", spec => spec with { ListenPort = null, ListenPorts = "400-410", ExpiresAt = _now.AddMinutes(-5) });
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData(null, "charlie alpha bravo bravo -")]
    [InlineData("-id", "- bravo bravo alpha charlie")]
    [InlineData("name", "- alpha bravo bravo charlie")]
    [InlineData("-name", "charlie bravo bravo alpha -")]
    [InlineData("listen_port", "alpha bravo bravo charlie -")]
    [InlineData("-listen_port", "- charlie bravo bravo alpha")]
    [InlineData("changed_at", "charlie alpha bravo bravo -")]
    [InlineData("-changed_at", "- bravo bravo alpha charlie")]
    public async Task EverySort_GivesEveryRuleOnceWhateverThePage(string? sort, string wanted)
    {
        var order = RuleOrder.Read(sort).Value;
        for (var size = 1; size <= 6; size++)
        {
            var (seen, ids, asked) = (new List<string>(), new HashSet<string>(), new PageAsked(size, null));
            while (true)
            {
                var page = (await _reader.ListAsync(_root.AsActor(), new RuleFilter(), null, order, asked, CancellationToken.None)).Value;
                Assert.InRange(page.Items.Count, 1, size);
                seen.AddRange(page.Items.Select(item => item.Name ?? "-"));
                Assert.All(page.Items, item => Assert.True(ids.Add(item.Id)));
                if (page.Next is null)
                {
                    break;
                }

                asked = PageAsked.Read($"{size}", page.Next, order.Keys).Value;
            }

            Assert.Equal(wanted, string.Join(' ', seen));
        }
    }

    [Fact]
    public async Task Filters_LeaveInWhatTheySay()
    {
        Assert.Equal("charlie alpha bravo -", await NamesAsync(new RuleFilter { Edge = _edge.Id }));
        Assert.Equal("bravo", await NamesAsync(new RuleFilter { Owner = _tenant.Id }));
        Assert.Equal("bravo", await NamesAsync(new RuleFilter { Protocol = TransportProtocol.Udp }));
        Assert.Equal("charlie alpha bravo", await NamesAsync(new RuleFilter { Desired = RuleDesire.Enabled }));
        Assert.Equal("bravo", await NamesAsync(new RuleFilter { Desired = RuleDesire.Disabled }));
        Assert.Equal("-", await NamesAsync(new RuleFilter { Desired = RuleDesire.Expired }));
        Assert.Equal("-", await NamesAsync(new RuleFilter { Port = 405 }));
        Assert.Equal("", await NamesAsync(new RuleFilter { Port = 411 }));
        Assert.Equal("alpha", await NamesAsync(new RuleFilter { Search = "MAIL.ex" }));
        Assert.Equal("alpha", await NamesAsync(new RuleFilter { Search = "ünïCODE" }));
        Assert.Equal("charlie bravo -", await NamesAsync(new RuleFilter { Search = "192.0.2.1:" }));
        Assert.Equal("", await NamesAsync(new RuleFilter { Search = "%" }));
        Assert.Equal("charlie", await NamesAsync(new RuleFilter { Edge = _edge.Id, Port = 300, Search = "char" }));
    }

    [Fact]
    public async Task Tenant_SeesOwnRulesOnly()
    {
        var seen = (await _reader.ListAsync(_tenant.AsActor(), new RuleFilter(), null, RuleOrder.Default, PageAsked.First, CancellationToken.None)).Value.Items;
        Assert.Equal(_tenant.Id.ToString(), Assert.Single(seen).Owner);
        var all = (await _reader.ListAsync((await _store.AddAccountAsync("auditor", AccountRole.Auditor)).AsActor(), new RuleFilter(), null, RuleOrder.Default, PageAsked.First, CancellationToken.None)).Value.Items;
        Assert.Equal(5, all.Count);
        foreach (var view in all)
        {
            Assert.True(Portunus.Shared.Ids.RuleId.TryParse(view.Id, out var id));
            var got = await _reader.GetAsync(_tenant.AsActor(), id, CancellationToken.None);
            Assert.Equal(view.Owner == _tenant.Id.ToString(), got.IsDone);
            Assert.True(got.IsDone || got.Problems[0].Kind == ProblemKind.NotFound);
        }
    }

    [Fact]
    public async Task Status_TellsWhatIsWanted()
    {
        var states = (await _reader.ListAsync(_root.AsActor(), new RuleFilter(), null, RuleOrder.Default, PageAsked.First, CancellationToken.None)).Value.Items;

        Assert.Equal([RuleDesire.Enabled, RuleDesire.Enabled, RuleDesire.Disabled, RuleDesire.NotPermitted, RuleDesire.Expired], states.Select(view => view.Status.Desired.State));
        var end = _now.AddHours(1);
        await _store.AddGrantAsync(_tenant, _edge.Id, change: grant => grant.ExpiresAt = end);
        var permitted = (await _reader.ListAsync(_tenant.AsActor(), new RuleFilter(), null, RuleOrder.Default, PageAsked.First, CancellationToken.None)).Value.Items[0];
        Assert.Equal((RuleDesire.Enabled, end), (permitted.Status.Desired.State, permitted.Status.Desired.PermittedUntil));
    }

    [Theory]
    [InlineData("name", "e30")]
    [InlineData("name", "WyJhIl0")]
    [InlineData("listen_port", "WyJhIiwiYiJd")]
    [InlineData("changed_at", "WyI5OTk5OTk5OTk5OTk5OTk5OTk5IiwiMDE5M2IzYjAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAwIl0")]
    public async Task CursorOfSomethingElse_IsRefused(string sort, string cursor)
    {
        var order = RuleOrder.Read(sort).Value;
        var asked = PageAsked.Read(null, cursor, order.Keys);

        Assert.Equal("cursor_malformed", asked.TryGet(out var page)
            ? Assert.Single((await _reader.ListAsync(_root.AsActor(), new RuleFilter(), null, order, page, CancellationToken.None)).Problems).Code
            : Assert.Single(asked.Problems).Code);
    }

    private async Task<string> NamesAsync(RuleFilter filter) => string.Join(' ',
        (await _reader.ListAsync(_root.AsActor(), filter, null, RuleOrder.Default, PageAsked.First, CancellationToken.None)).Value.Items.Select(view => view.Name ?? "-"));

    private Task<Rule> AddAsync(EdgeRow edge, Account owner, string? name, int port, string target, Func<RuleSpec, RuleSpec>? change = null)
    {
        var spec = new RuleSpec { Name = name, ListenPort = port, Target = target };
        return _store.AddRuleAsync(edge, owner, change?.Invoke(spec) ?? spec, row => row.ChangedAt = _now.AddSeconds(port == 200 ? 0 : port - 1000).AddYears(port == 400 ? 1 : port == 300 ? -2 : port == 100 ? -1 : 0));
    }
}

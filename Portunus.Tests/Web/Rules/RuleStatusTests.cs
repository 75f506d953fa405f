using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;
using Portunus.Web.Database.Tables;
using Portunus.Web.Edges;
using Portunus.Web.Plans;
using Portunus.Web.Traffic;
using Answer = Portunus.Tests.Kit.RoomHost.Answer;
using EdgeRow = Portunus.Web.Database.Tables.Edge;

namespace Portunus.Tests.Web.Rules;

/// <summary>What is wanted, what was applied, the plan, the link and the data plane: told apart, for rules and for edges.</summary>
public sealed class RuleStatusTests : IAsyncLifetime
{
    private static readonly DateTimeOffset s_then = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    private RoomHost _host = null!;
    private EdgeRow _edge = null!;
    private Account _root = null!;
    private Account _tenant = null!;
    private string _epoch = "";

    private PlanOutcomes Outcomes => _host.Services.GetRequiredService<PlanOutcomes>();

    private EdgePresence Presence => _host.Services.GetRequiredService<EdgePresence>();

    public async Task InitializeAsync()
    {
        _host = await RoomHost.StartAsync();
        _edge = await _host.Store.AddEdgeAsync("first");
        _root = await _host.Store.AddAccountAsync("root", AccountRole.Superadmin);
        _tenant = await _host.Store.AddAccountAsync("tenant");
        await _host.Store.AddGrantAsync(_tenant, _edge.Id, "8000-8999");
        await using var db = _host.Store.CreateDbContext();
        _epoch = (await db.Settings.SingleAsync(setting => setting.Key == Setting.PlanEpoch)).Value;
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task NewRule_WaitsAndClaimsNothingElse()
    {
        var made = await CreateAsync(8080);
        Assert.Equal(("enabled", "1", "waiting", "null", "null"), (Of(made, "desired", "state"), Of(made, "desired", "revision"), Of(made, "applied", "state"), Of(made, "applied", "revision"), Of(made, "applied", "since")));
        Assert.Equal(("2", "null", "false", "null", "unknown", "null"), (Of(made, "plan", "wanted"), Of(made, "plan", "applied"), Of(made, "link", "connected"), Of(made, "link", "since"), Of(made, "forwarding", "state"), Of(made, "forwarding", "at")));
    }

    [Fact]
    public async Task Report_IsToldAsTheEdgeSaidIt()
    {
        var made = await CreateAsync(8080);
        Report(2, (made, 1, "refused"));

        var read = await ReadAsync(made);
        Assert.Equal(("refused", "1", "port_in_use", "8080", "Port 8080 is taken."),
            (Of(read, "applied", "state"), Of(read, "applied", "revision"), Of(read, "applied", "reason"), Of(read, "applied", "port"), Of(read, "applied", "text")));
        Assert.Equal((s_then, "2", "2"), (DateTimeOffset.Parse(Of(read, "applied", "since"), System.Globalization.CultureInfo.InvariantCulture), Of(read, "plan", "wanted"), Of(read, "plan", "applied")));
        Assert.NotEqual("null", Of(read, "applied", "reported_at"));
    }

    [Fact]
    public async Task ChangeAfterAReport_WaitsAgainAndTellsWhatTheEdgeHas()
    {
        var made = await CreateAsync(8080);
        Report(2, (made, 1, "listening"));
        var changed = await _host.SendAsync(_tenant, "PATCH", made.Location!, """{"note":"n"}""", "*");
        Assert.Equal(("waiting", "1", "2", "3", "2"),
            (Of(changed, "applied", "state"), Of(changed, "applied", "revision"), Of(changed, "desired", "revision"), Of(changed, "plan", "wanted"), Of(changed, "plan", "applied")));
    }

    [Fact]
    public async Task ReportOfAnotherEpoch_SaysNothingAboutThisRule()
    {
        var made = await CreateAsync(8080);
        _epoch = "of before";
        Report(900, (made, 1, "listening"));
        var read = await ReadAsync(made);
        Assert.Equal(("waiting", "null", "null"), (Of(read, "applied", "state"), Of(read, "applied", "revision"), Of(read, "plan", "applied")));
    }

    [Fact]
    public async Task LinkThatGoesDown_LeavesWhatWasLastSaid()
    {
        var made = await CreateAsync(8080);
        Presence.Opened(_edge.Id, new LinkOrigin("i", "192.0.2.7", "1.0", "host", "Linux", "x64", []));
        Report(2, (made, 1, "listening"));
        var up = await ReadAsync(made);
        Assert.Equal(("listening", "true"), (Of(up, "applied", "state"), Of(up, "link", "connected")));

        Presence.Closed(_edge.Id, "i", "silent");
        var down = await ReadAsync(made);
        Assert.Equal(("listening", "false", Of(up, "applied", "reported_at")), (Of(down, "applied", "state"), Of(down, "link", "connected"), Of(down, "applied", "reported_at")));
        Assert.NotEqual("null", Of(down, "link", "since"));
    }

    [Theory]
    [InlineData("up", "ok")]
    [InlineData("down", "failing")]
    [InlineData("unknown", "idle")]
    public async Task Counters_TellWhetherItForwards(string target, string forwarding)
    {
        var made = await CreateAsync(8080);
        Assert.True(RuleId.TryParse(made["id"], out var rule));
        var (intake, boot) = (_host.Services.GetRequiredService<TrafficIntake>(), Guid.NewGuid());
        intake.Durable(_edge.Id, [boot]);
        var totals = TrafficRoom.Totals(rule, 5) with { Targets = [new TargetTotals("192.0.2.1", 80, target, default, 0, null)] };
        intake.Take(_edge.Id, new SampleBatch { Boot = boot, Sequence = 1, TakenAt = s_then, IsLast = true, Rules = [totals] });
        await Eventually.Holds(async () => Of(await ReadAsync(made), "forwarding", "state") == forwarding, forwarding);
        Assert.NotEqual("null", Of(await ReadAsync(made), "forwarding", "at"));
    }

    [Fact]
    public async Task List_ByWhatEdgesSaid()
    {
        var (listens, refused, behind, silent) = (await CreateAsync(8080), await CreateAsync(8081), await CreateAsync(8082), await CreateAsync(8083));
        Assert.Equal(200, (await _host.SendAsync(_tenant, "PATCH", behind.Location!, """{"note":"n"}""", "*")).Status);
        Report(5, (listens, 1, "listening"), (refused, 1, "refused"), (behind, 1, "listening"));
        var other = await _host.Store.AddEdgeAsync("other");
        Outcomes.Record(other.Id, new PlanReport(_epoch, 1, [new ReportedRule(((RuleOrAnswer)silent).Id, 1, "listening", s_then), new ReportedRule(((RuleOrAnswer)listens).Id, 1, "refused", s_then)], true));

        Assert.Equal([listens["id"]], await ListedAsync("listening"));
        Assert.Equal([refused["id"]], await ListedAsync("refused"));
        Assert.Equal([behind["id"], silent["id"]], await ListedAsync("waiting"));
        Assert.Equal([behind["id"], silent["id"]], await ListedAsync($"waiting&edge={_edge.Id}"));
        Assert.Empty(await ListedAsync("stopped"));
        Assert.Empty(await ListedAsync($"listening&edge={other.Id}"));
        Assert.Equal("applied_unknown applied", (await _host.SendAsync(_tenant, "GET", "/v1/rules?applied=happy")).Errors);
    }

    [Fact]
    public async Task RevokedGrant_IsWantedAtOnceAndAppliedWhenTheEdgeSaysSo()
    {
        var made = await CreateAsync(8080);
        Report(2, (made, 1, "listening"));
        var grant = (await _host.SendAsync(_root, "GET", "/v1/grants")).Items("id").Single();
        Assert.Equal(200, (await _host.SendAsync(_root, "DELETE", $"/v1/grants/{grant}", ifMatch: "*")).Status);

        var read = await ReadAsync(made);
        Assert.Equal(("not_permitted", "listening", "3", "2"), (Of(read, "desired", "state"), Of(read, "applied", "state"), Of(read, "plan", "wanted"), Of(read, "plan", "applied")));
        Report(3, (made, 1, "stopped"));
        Assert.Equal("stopped", Of(await ReadAsync(made), "applied", "state"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("31")]
    [InlineData("31s")]
    [InlineData("1m")]
    [InlineData("-1")]
    [InlineData("1.5s")]
    [InlineData("soon")]
    [InlineData("99999999999s")]
    public async Task Wait_OutOfBounds_IsRefusedByName(string wait)
    {
        var made = await CreateAsync(8080);
        Assert.Equal("wait_malformed wait", (await CreateAsync(8081, $"?wait={wait}")).Errors);
        Assert.Equal("wait_malformed wait", (await _host.SendAsync(_tenant, "PATCH", $"{made.Location}?wait={wait}", "{}", "*")).Errors);
        Assert.Equal("wait_malformed wait", (await _host.SendAsync(_tenant, "POST", $"{made.Location}/clone?wait={wait}", "{}")).Errors);
        Assert.Single((await _host.SendAsync(_tenant, "GET", "/v1/rules")).Items("id"));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("0s")]
    [InlineData("1s")]
    public async Task Wait_ForAnEdgeThatSaysNothing_AnswersAllTheSame(string wait)
    {
        var made = await CreateAsync(8080, $"?wait={wait}");
        Assert.Equal((201, "waiting", "\"1\""), (made.Status, Of(made, "applied", "state"), made.ETag));
    }

    [Fact]
    public async Task Wait_AnswersWithWhatTheEdgeSays()
    {
        var waiting = CreateAsync(8080, "?wait=30s");
        var rule = await StoredAsync();
        Assert.False(waiting.IsCompleted);
        Report(2, (rule, 1, "listening"));
        var made = await Eventually.Within(waiting);
        Assert.Equal((201, "listening", "2"), (made.Status, Of(made, "applied", "state"), Of(made, "plan", "applied")));

        var changing = _host.SendAsync(_tenant, "PATCH", $"{made.Location}?wait=30", """{"enabled":false}""", "*");
        await Eventually.Holds(async () => await RevisionAsync() == 2, "the change is stored");
        Report(3, (rule, 2, "stopped"));
        var changed = await Eventually.Within(changing);
        Assert.Equal((200, "stopped", "disabled", "\"2\""), (changed.Status, Of(changed, "applied", "state"), Of(changed, "desired", "state"), changed.ETag));
    }

    [Fact]
    public async Task Wait_ForARuleThatSomebodyRemoves_AnswersAboutTheOwnChange()
    {
        var waiting = CreateAsync(8080, "?wait=30s");
        var rule = await StoredAsync();
        Assert.Equal(204, (await _host.SendAsync(_tenant, "DELETE", $"/v1/rules/{rule}")).Status);
        Report(3, (rule, 2, "stopped"));
        var made = await Eventually.Within(waiting);
        Assert.Equal((201, rule.ToString(), "waiting"), (made.Status, made["id"], Of(made, "applied", "state")));
    }

    [Fact]
    public async Task Edge_TellsTrustLinkPlanAndDataPlaneApart()
    {
        var (one, two, theirs) = (await CreateAsync(8080), await CreateAsync(8081), await CreateAsync(9000, "", _root));
        var fresh = (await _host.SendAsync(_root, "GET", $"/v1/edges/{_edge.Id}")).Body;
        Assert.Equal("""{"wanted":4,"applied":null,"applied_at":null,"listening":0,"refused":0,"draining":0,"waiting":3}""", fresh.GetProperty("plan").GetRawText());
        Assert.Equal(("not_enrolled", "false", "null"), (fresh.GetProperty("standing").GetString(), Raw(fresh, "link", "connected"), Raw(fresh, "data_plane", "sampled_at")));

        Presence.Opened(_edge.Id, new LinkOrigin("i", "192.0.2.7", "1.0", "host", "Linux", "x64", ["udp"]));
        Presence.Sampled(_edge.Id, s_then, SampleEdge.Sample(1).Vitals);
        Report(4, (one, 1, "listening"), (two, 1, "refused"), (theirs, 1, "listening"), (RuleId.New(), 3, "draining"), (RuleId.New(), 3, "stopped"));
        var seen = (await _host.SendAsync(_root, "GET", "/v1/edges")).Body.GetProperty("items")[0];
        Assert.Equal(("4", "2", "1", "1", "0"), (Raw(seen, "plan", "applied"), Raw(seen, "plan", "listening"), Raw(seen, "plan", "refused"), Raw(seen, "plan", "draining"), Raw(seen, "plan", "waiting")));
        Assert.Equal(("true", "\"192.0.2.7\"", "\"host\""), (Raw(seen, "link", "connected"), Raw(seen, "link", "from"), Raw(seen, "link", "host")));
        Assert.NotEqual("null", Raw(seen, "data_plane", "vitals"));

        // A tenant is told of own rules, and nothing of the machine.
        var tenant = (await _host.SendAsync(_tenant, "GET", $"/v1/edges/{_edge.Id}")).Body;
        Assert.Equal(("1", "1", "0", "0"), (Raw(tenant, "plan", "listening"), Raw(tenant, "plan", "refused"), Raw(tenant, "plan", "draining"), Raw(tenant, "plan", "waiting")));
        Assert.Equal(("true", "null", "null", "null"), (Raw(tenant, "link", "connected"), Raw(tenant, "link", "from"), Raw(tenant, "link", "host"), Raw(tenant, "data_plane", "vitals")));

        Assert.Equal(200, (await _host.SendAsync(_tenant, "PATCH", one.Location!, """{"note":"n"}""", "*")).Status);
        var behind = (await _host.SendAsync(_root, "GET", $"/v1/edges/{_edge.Id}")).Body;
        Assert.Equal(("5", "4", "1", "1"), (Raw(behind, "plan", "wanted"), Raw(behind, "plan", "applied"), Raw(behind, "plan", "listening"), Raw(behind, "plan", "waiting")));
    }

    private Task<Answer> CreateAsync(int port, string query = "", Account? actor = null) =>
        _host.SendAsync(actor ?? _tenant, "POST", "/v1/rules" + query, $$"""{"edge":"{{_edge.Id}}","listen_port":{{port}},"target":"192.0.2.1:80"}""");

    private async Task<IEnumerable<string>> ListedAsync(string applied) => (await _host.SendAsync(_tenant, "GET", $"/v1/rules?applied={applied}")).Items("id");

    private Task<Answer> ReadAsync(Answer made) => _host.SendAsync(_tenant, "GET", made.Location!);

    private void Report(long number, params (RuleOrAnswer Rule, long Revision, string Standing)[] rules) => Outcomes.Record(_edge.Id, new PlanReport(_epoch, number,
        [.. rules.Select(rule => rule.Standing == "refused"
            ? new ReportedRule(rule.Rule.Id, rule.Revision, "refused", s_then, SampleWords.Of(BindRefusal.PortInUse), 8080, "Port 8080 is taken.")
            : new ReportedRule(rule.Rule.Id, rule.Revision, rule.Standing, s_then))], true));

    /// <summary>The only rule, once it is stored.</summary>
    private async Task<RuleId> StoredAsync()
    {
        await Eventually.Holds(async () => await RevisionAsync() == 1, "the rule is stored");
        await using var db = _host.Store.CreateDbContext();
        return (await db.Rules.SingleAsync()).Id;
    }

    private async Task<long> RevisionAsync()
    {
        await using var db = _host.Store.CreateDbContext();
        return await db.Rules.Select(rule => rule.Revision).SingleOrDefaultAsync();
    }

    private static string Of(Answer answer, string fact, string field) =>
        answer.Body.GetProperty("status").GetProperty(fact).GetProperty(field) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : Raw(answer.Body.GetProperty("status"), fact, field);

    private static string Raw(JsonElement body, string fact, string field) => body.GetProperty(fact).GetProperty(field).GetRawText();

    /// <summary>A rule by its id, or as an answer told of it.</summary>
    private readonly record struct RuleOrAnswer(RuleId Id)
    {
        public static implicit operator RuleOrAnswer(RuleId id) => new(id);

        public static implicit operator RuleOrAnswer(Answer answer) => new(RuleId.TryParse(answer["id"], out var id) ? id : throw new ArgumentException("no rule", nameof(answer)));
    }
}

using Microsoft.EntityFrameworkCore;
using Portunus.Tests.Kit;
using Portunus.Web.Database.Tables;
using Answer = Portunus.Tests.Kit.RoomHost.Answer;
using EdgeRow = Portunus.Web.Database.Tables.Edge;

namespace Portunus.Tests.Web.Rules;

public sealed class RuleApiTests : IAsyncLifetime
{
    private RoomHost _host = null!;
    private EdgeRow _edge = null!;
    private Account _root = null!;
    private Account _tenant = null!;
    private Account _other = null!;

    public async Task InitializeAsync()
    {
        _host = await RoomHost.StartAsync();
        _edge = await _host.Store.AddEdgeAsync("first");
        _root = await _host.Store.AddAccountAsync("root", AccountRole.Superadmin);
        _tenant = await _host.Store.AddAccountAsync("tenant");
        _other = await _host.Store.AddAccountAsync("other");
        await _host.Store.AddGrantAsync(_tenant, _edge.Id, "8000-8999");
        await _host.Store.AddGrantAsync(_other, _edge.Id, "8000-8999");
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Rule_LivesFromPostToDelete()
    {
        var made = await CreateAsync(_tenant, """ "name":"web","listen_port":8080,"targets":[{"host":"a.example","port":1}],"limits":{"concurrent_flows":5} """);
        Assert.Equal((201, "\"1\"", $"/v1/rules/{made["id"]}"), (made.Status, made.ETag, made.Location));
        Assert.Equal(("tcp", "true", "waiting", "enabled"),
            (made["protocol"], made["enabled"], made.Body.GetProperty("status").GetProperty("applied").GetProperty("state").GetString(), made.Body.GetProperty("status").GetProperty("desired").GetProperty("state").GetString()));

        var path = made.Location!;
        var changed = await _host.SendAsync(_tenant, "PATCH", path, """{"listen_port":8081,"limits":null,"note":"moved"}""", "\"1\"", "application/merge-patch+json");
        Assert.Equal((200, "\"2\"", "8081", "moved"), (changed.Status, changed.ETag, changed["listen_port"], changed["note"]));
        Assert.Equal("null", changed.Body.GetProperty("limits").GetRawText());

        var read = await _host.SendAsync(_tenant, "GET", path);
        Assert.Equal((200, changed.Body.GetRawText()), (read.Status, read.Body.GetRawText()));
        Assert.Equal(204, (await _host.SendAsync(_tenant, "DELETE", path + "?flows=drain&deadline=5m", ifMatch: "\"2\"")).Status);
        Assert.Equal(404, (await _host.SendAsync(_tenant, "GET", path)).Status);
    }

    [Fact]
    public async Task EverythingWrong_IsAnsweredAtOnce()
    {
        await CreateAsync(_tenant, """ "name":"web","listen_port":8080,"target":"a.example:1" """);

        var shape = await CreateAsync(_tenant, """ "lable":"x","listen_port":"8080","enabled":1,"note":"n" """);
        Assert.Equal((400, "target_missing target, unknown_field lable, wrong_type enabled, wrong_type listen_port"), (shape.Status, shape.Errors));
        var bounds = await CreateAsync(_tenant, """ "name":"web","listen_port":0,"target":"nowhere" """);
        Assert.Equal((422, "validation_failed", "name_taken name, out_of_range listen_port, target_malformed target"), (bounds.Status, bounds["code"], bounds.Errors));
        var state = await CreateAsync(_tenant, """ "name":"web","listen_port":8080,"target":"a.example:1" """);
        Assert.Equal((409, "name_taken name, port_collision listen_port"), (state.Status, state.Errors));
        var granted = await CreateAsync(_tenant, """ "listen_ports":"8990-9010","target":"a.example:1-21" """);
        Assert.Equal((403, "ports_not_granted listen_ports"), (granted.Status, granted.Errors));
    }

    [Theory]
    [InlineData("", 400, "malformed_body")]
    [InlineData("{", 400, "malformed_body")]
    [InlineData("[]", 400, "wrong_type")]
    [InlineData("""{"name":"\ud800"}""", 400, "malformed_body")]
    public async Task BodyThatIsNoRule_IsRefused(string body, int status, string code)
    {
        var answer = await _host.SendAsync(_tenant, "POST", "/v1/rules", body);

        Assert.Equal((status, code), (answer.Status, answer["code"]));
        Assert.Equal(415, (await _host.SendAsync(_tenant, "POST", "/v1/rules", "{}", type: "text/plain")).Status);
    }

    [Fact]
    public async Task Revision_WhereItIsGiven_IsCompared()
    {
        var path = (await CreateAsync(_tenant, """ "listen_port":8080,"target":"a.example:1" """)).Location!;

        Assert.Equal(200, (await _host.SendAsync(_tenant, "PATCH", path, """{"note":"z"}""")).Status);
        Assert.Equal((400, "revision_malformed"), Short(await _host.SendAsync(_tenant, "PATCH", path, """{"note":"a"}""", "one")));
        Assert.Equal(200, (await _host.SendAsync(_tenant, "PATCH", path, """{"note":"a"}""", "*")).Status);
        Assert.Equal((412, "revision_stale"), Short(await _host.SendAsync(_tenant, "PATCH", path, """{"note":"b"}""", "\"1\"")));
        Assert.Equal((412, "revision_stale"), Short(await _host.SendAsync(_tenant, "DELETE", path, ifMatch: "\"1\"")));
    }

    [Fact]
    public async Task RuleOfAnotherTenant_IsNotThere()
    {
        var path = (await CreateAsync(_other, """ "name":"secret","listen_port":8080,"target":"a.example:1" """)).Location!;

        foreach (var (method, to, body) in new[] { ("GET", path, null), ("PATCH", path, "{}"), ("DELETE", path, null), ("POST", path + "/clone", "{}") })
        {
            var foreign = await _host.SendAsync(_tenant, method, to, body, "*");
            var unknown = await _host.SendAsync(_tenant, method, to.Replace(path, $"/v1/rules/{Guid.CreateVersion7()}", StringComparison.Ordinal), body, "*");
            Assert.Equal((404, "rule_not_found"), Short(foreign));
            Assert.Equal(Short(unknown), Short(foreign));
            Assert.Equal(unknown["detail"], foreign["detail"]);
        }

        Assert.Equal(404, (await _host.SendAsync(_tenant, "GET", "/v1/rules/none")).Status);
        Assert.DoesNotContain("secret", (await _host.SendAsync(_tenant, "GET", "/v1/rules")).Body.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", (await CreateAsync(_tenant, """ "listen_port":8080,"target":"a.example:1" """)).Body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ManyRequestsForOnePort_OneIsAnswered201()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(turn => CreateAsync(turn % 2 == 0 ? _tenant : _other, """ "listen_port":8500,"target":"a.example:1" """)));

        Assert.Single(answers, answer => answer.Status == 201);
        Assert.Equal(39, answers.Count(answer => answer.Status == 409 && answer["code"] == "port_collision"));
        await using var db = _host.Store.CreateDbContext();
        Assert.Equal((1, 2L, 40), (await db.Rules.CountAsync(), (await db.EdgeRevisions.SingleAsync()).Number, await db.AuditEntries.CountAsync()));
    }

    [Fact]
    public async Task List_FiltersSortsAndPages()
    {
        for (var port = 8001; port <= 8007; port++)
        {
            await CreateAsync(port % 2 == 0 ? _tenant : _other, $$""" "name":"n{{8010 - port}}","listen_port":{{port}},"target":"t{{port}}.example:1","enabled":{{(port > 8004 ? "true" : "false")}} """);
        }

        var (seen, next) = (new List<string>(), "");
        do
        {
            var page = await _host.SendAsync(_root, "GET", $"/v1/rules?sort=-name&limit=3{next}");
            seen.AddRange(page.Items("name"));
            next = page["next"] is "null" or "" ? "" : $"&cursor={page["next"]}";
        }
        while (next.Length > 0);
        Assert.Equal(["n9", "n8", "n7", "n6", "n5", "n4", "n3"], seen);
        Assert.Equal(["n8", "n6", "n4"], (await _host.SendAsync(_tenant, "GET", "/v1/rules")).Items("name"));
        Assert.Equal(["n4"], (await _host.SendAsync(_tenant, "GET", $"/v1/rules?state=enabled&edge={_edge.Id}&protocol=tcp")).Items("name"));
        Assert.Equal(["n7"], (await _host.SendAsync(_root, "GET", $"/v1/rules?q=T8003&port=8003&owner={_other.Id}")).Items("name"));
        var wrong = await _host.SendAsync(_root, "GET", "/v1/rules?sort=size&state=odd&edge=first&owner=me&protocol=icmp&port=0&limit=0&cursor=%20");
        Assert.Equal((422, "cursor_malformed cursor, edge_malformed edge, limit_bounds limit, owner_malformed owner, port_malformed port, protocol_unknown protocol, sort_unknown sort, state_unknown state"), (wrong.Status, wrong.Errors));
    }

    [Fact]
    public async Task Bulk_AnswersForEachRule()
    {
        var ids = new List<string>();
        foreach (var port in new[] { 8001, 8002 })
        {
            ids.Add((await CreateAsync(_tenant, $$""" "listen_port":{{port}},"target":"a.example:1","enabled":false """))["id"]);
        }

        var foreign = (await CreateAsync(_other, """ "listen_port":8003,"target":"a.example:1" """))["id"];
        var enabled = await _host.SendAsync(_tenant, "POST", "/v1/rules/bulk", $$"""{"action":"enable","ids":["{{ids[0]}}","{{foreign}}"]}""");
        Assert.Equal((200, $"[\"{ids[0]}\"]"), (enabled.Status, enabled["done"]));
        Assert.Equal("rule_not_found", enabled.Body.GetProperty("refused")[0].GetProperty("errors")[0].GetProperty("code").GetString());
        Assert.Equal("2", (await _host.SendAsync(_tenant, "POST", "/v1/rules/bulk?flows=cut", $$$"""{"action":"delete","filter":{"edge":"{{{_edge.Id}}}"}}""")).Body.GetProperty("done").GetArrayLength().ToString());
        Assert.Single((await _host.SendAsync(_root, "GET", "/v1/rules")).Items("id"));
        Assert.Equal("action_missing action, bulk_empty ", (await _host.SendAsync(_tenant, "POST", "/v1/rules/bulk", "{}")).Errors);
        Assert.Equal((400, "wrong_type"), Short(await _host.SendAsync(_tenant, "POST", "/v1/rules/bulk", """{"action":"explode"}""")));
        Assert.Equal("edge_malformed filter.edge, id_malformed ids[0]", (await _host.SendAsync(_tenant, "POST", "/v1/rules/bulk", """{"action":"enable","ids":["x"]}""")).Errors is var one
            && (await _host.SendAsync(_tenant, "POST", "/v1/rules/bulk", """{"action":"enable","filter":{"edge":"x"}}""")).Errors is var two ? $"{two}, {one}" : "");
    }

    [Fact]
    public async Task Clone_TakesAPatch()
    {
        var path = (await CreateAsync(_tenant, """ "name":"web","listen_port":8080,"target":"a.example:1","note":"kept" """)).Location!;

        var clone = await _host.SendAsync(_tenant, "POST", path + "/clone", """{"name":"copy","listen_port":8081,"enabled":true}""");

        Assert.Equal((201, "copy", "8081", "kept", "true", "1"), (clone.Status, clone["name"], clone["listen_port"], clone["note"], clone["enabled"], clone["revision"]));
    }

    [Fact]
    public async Task Flows_AreReadFromTheQuery()
    {
        var path = (await CreateAsync(_tenant, """ "listen_port":8080,"target":"a.example:1" """)).Location!;

        Assert.Equal("deadline_malformed deadline, flows_unknown flows", (await _host.SendAsync(_tenant, "PATCH", path + "?flows=later&deadline=x", "{}", "*")).Errors);
        Assert.Equal((422, "validation_failed"), Short(await _host.SendAsync(_tenant, "DELETE", path + "?flows=keep")));
        Assert.Equal(200, (await _host.SendAsync(_tenant, "PATCH", path + "?flows=cut", """{"note":"x"}""", "*")).Status);
        await using var db = _host.Store.CreateDbContext();
        Assert.Equal(2, (await db.Rules.SingleAsync()).CutBefore);
    }

    private static (int Status, string Code) Short(Answer answer) => (answer.Status, answer["code"]);

    private Task<Answer> CreateAsync(Account actor, string fields) => _host.SendAsync(actor, "POST", "/v1/rules", $$"""{"edge":"{{_edge.Id}}",{{fields}}}""");
}

using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Link;
using Portunus.Tests.Kit;
using Portunus.Web.Database.Tables;

namespace Portunus.Tests.Web.Link;

public sealed class EnrolmentTests : IAsyncLifetime
{
    private RunningWeb _web = null!;
    private WebCaller _root = null!;
    private string _edge = "";

    public async Task InitializeAsync()
    {
        _web = await RunningWeb.StartAsync();
        _root = await _web.SuperadminAsync();
        _edge = (await _root.PostAsync("/v1/edges", new { name = "Oslo" }))["id"];
    }

    public async Task DisposeAsync() => await _web.DisposeAsync();

    [Fact]
    public async Task Line_SaysWhereToConnectAndFromWhom()
    {
        var made = await _root.PostAsync($"/v1/edges/{_edge}/enrolments", new { minutes = 5 });

        Assert.True(EnrollUri.TryParse(made["uri"], out var line, out var problem), problem);
        Assert.Equal(("127.0.0.1", _web.LinkAddress.Port, _web.Pin, made["code"]), (line.Host, line.Port, line.Pin, line.Code));
        Assert.Equal(($"127.0.0.1:{_web.LinkAddress.Port}", "request"), (made["address"], made["address_source"]));
        var shown = await _root.GetAsync("/v1/settings");
        Assert.Equal((made["address"], "request"), (shown["advertised_address_effective"], shown["advertised_address_source"]));
        Assert.Equal(_web.Pin.Text, shown.Body.GetProperty("link_pins")[0].GetString());

        await _root.PatchAsync("/v1/settings", new { advertised_address = "edges.example.org:443" });
        made = await _root.PostAsync($"/v1/edges/{_edge}/enrolments", new { });
        Assert.Equal(("edges.example.org:443", "setting"), (made["address"], made["address_source"]));
        Assert.StartsWith("portunus://edges.example.org:443/enroll?pin=sha256:", made["uri"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Code_IsGoodOnce()
    {
        var code = await CodeAsync();

        var (status, text) = await RedeemAsync(code);
        Assert.Equal(200, status);
        var reply = JsonSerializer.Deserialize(text, LinkJson.Default.EnrollReply)!;
        Assert.Equal((_edge, "Oslo", _web.Pin.Text), (reply.Edge, reply.Name, Assert.Single(reply.Pins)));
        Assert.Equal(409, (await RedeemAsync(code)).Status);
        Assert.Equal("enroll_code_redeemed", await RefusedAsync(code));

        await using var db = _web.OpenDb();
        var row = await db.Edges.SingleAsync();
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(reply.Credential)), row.CredentialHash);
        Assert.NotNull(row.EnrolledAt);
        Assert.Equal("127.0.0.1", (await db.EnrollCodes.SingleAsync()).RedeemedFrom);
        var entry = await db.AuditEntries.SingleAsync(one => one.Action == "edge.enroll" && one.Outcome == AuditOutcome.Done);
        Assert.Equal(("127.0.0.1", "Oslo", ""), (entry.RemoteAddress, entry.SubjectName, entry.ActorName));
        Assert.Contains("test-host", entry.After, StringComparison.Ordinal);
        Assert.DoesNotContain(await db.AuditEntries.ToListAsync(), one => $"{one.Before}{one.After}".Contains(reply.Credential, StringComparison.Ordinal) || $"{one.Before}{one.After}".Contains(code, StringComparison.Ordinal));
        Assert.DoesNotContain(code, _web.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(reply.Credential, _web.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ManyAtOnce_OneIsLetIn()
    {
        var code = await CodeAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RedeemAsync(code)));

        Assert.Equal(1, answers.Count(answer => answer.Status == 200));
        Assert.Equal(7, answers.Count(answer => answer.Status == 409));
    }

    [Fact]
    public async Task CodesThatAreOver_SayWhy()
    {
        var (expired, cancelled) = (await _root.PostAsync($"/v1/edges/{_edge}/enrolments"), await _root.PostAsync($"/v1/edges/{_edge}/enrolments"));
        await _root.DeleteAsync($"/v1/edges/{_edge}/enrolments/{cancelled["id"]}");
        await using (var db = _web.OpenDb())
        {
            var before = TimeProvider.System.GetUtcNow().AddSeconds(-1);
            var id = expired["id"];
            await db.Database.ExecuteSqlAsync($"UPDATE EnrollCodes SET ExpiresAt = {before.UtcTicks} WHERE Id = {id}");
        }

        Assert.Equal("enroll_code_expired", await RefusedAsync(expired["code"]));
        Assert.Equal("enroll_code_cancelled", await RefusedAsync(cancelled["code"]));
        await using var after = _web.OpenDb();
        Assert.Null((await after.Edges.SingleAsync()).CredentialHash);
        Assert.Equal(2, await after.AuditEntries.CountAsync(entry => entry.Action == "edge.enroll" && entry.Outcome == AuditOutcome.Refused && entry.SubjectName == "Oslo"));
    }

    [Fact]
    public async Task UnknownAndWrongCodes_AreToldAlike()
    {
        await CodeAsync();
        var texts = new HashSet<string>();
        foreach (var code in new[] { "", "x", new string('A', 43), new string('A', 5000), "code with spaces" })
        {
            var (status, text) = await RedeemAsync(code);
            Assert.Equal(403, status);
            texts.Add(JsonDocument.Parse(text).RootElement.GetProperty("detail").GetString()!);
        }

        Assert.Single(texts);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"code":7}""")]
    [InlineData("""{"code":null,"host":"h","version":"1"}""")]
    [InlineData("{\"code\":\"\\ud800\"}")]
    [InlineData("\0\u0001\u0002")]
    public async Task Garbage_IsARefusal(string body)
    {
        var (status, _) = await PostAsync(new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.InRange(status, 400, 403);
        Assert.DoesNotContain(" fails", _web.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BodyOfAnotherKindOrTooLarge_IsRefused()
    {
        Assert.Equal(415, (await PostAsync(new StringContent("code=x", Encoding.UTF8, "application/x-www-form-urlencoded"))).Status);
        Assert.Equal(413, (await PostAsync(new StringContent($$"""{"code":"{{new string('x', 17 * 1024)}}"}""", Encoding.UTF8, "application/json"))).Status);
        // A field of a later version is left alone.
        var more = $$"""{"code":"{{await CodeAsync()}}","host":"h","version":"9","colour":{"a":[1]} }""";
        Assert.Equal(200, (await PostAsync(new StringContent(more, Encoding.UTF8, "application/json"))).Status);
    }

    [Fact]
    public async Task ManyTriesFromOneAddress_AreSlowedDown()
    {
        await using var strict = await RunningWeb.StartAsync(tweakShell: shell => shell with { TryRate = (10, 5) });
        using var http = RunningWeb.AnyHttps();
        var seen = new List<int>();
        for (var i = 0; i < 30; i++)
        {
            using var answer = await http.PostAsJsonAsync(new Uri(strict.LinkAddress, LinkRoutes.Enroll), new { code = $"x{i}", host = "h", version = "1" });
            seen.Add((int)answer.StatusCode);
        }

        Assert.Contains(429, seen);
        Assert.Contains(403, seen);
    }

    [Fact]
    public async Task EnrolledAgain_HasAnotherCredentialAndIsTrustedAgain()
    {
        var first = await EnrolledAsync();
        Assert.Equal(200, (await _root.PostAsync($"/v1/edges/{_edge}/revoke")).Status);

        var second = await EnrolledAsync();

        Assert.NotEqual(first.Credential, second.Credential);
        var view = await _root.GetAsync($"/v1/edges/{_edge}");
        Assert.Equal("enrolled", view["standing"]);
        await using var db = _web.OpenDb();
        var shutOut = System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(first.Credential));
        Assert.Equal(shutOut, (await db.EdgeTombstones.SingleAsync()).CredentialHash);
    }

    private async Task<string> CodeAsync() => (await _root.PostAsync($"/v1/edges/{_edge}/enrolments"))["code"];

    private async Task<EnrollReply> EnrolledAsync()
    {
        var (status, text) = await RedeemAsync(await CodeAsync());
        Assert.Equal(200, status);
        return JsonSerializer.Deserialize(text, LinkJson.Default.EnrollReply)!;
    }

    private async Task<string> RefusedAsync(string code) => JsonDocument.Parse((await RedeemAsync(code)).Text).RootElement.GetProperty("code").GetString()!;

    private Task<(int Status, string Text)> RedeemAsync(string code) => PostAsync(JsonContent.Create(new { code, host = "test-host", version = "1.0" }));

    private async Task<(int Status, string Text)> PostAsync(HttpContent content)
    {
        using var http = RunningWeb.AnyHttps();
        using (content)
        {
            using var answer = await http.PostAsync(new Uri(_web.LinkAddress, LinkRoutes.Enroll), content);
            return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }
    }
}

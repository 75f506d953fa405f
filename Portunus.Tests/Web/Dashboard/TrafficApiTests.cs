using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Portunus.Shared.Ids;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;
using Portunus.Web.Dashboard;
using Portunus.Web.Traffic;

namespace Portunus.Tests.Web.Dashboard;

/// <summary>Traffic over the served API: whose is seen, how it is followed, and when following ends.</summary>
public sealed class TrafficApiTests : IAsyncLifetime
{
    private static readonly Guid s_boot = Guid.NewGuid();

    private RunningWeb _web = null!;
    private WebCaller _root = null!;
    private WebCaller _ann = null!;
    private WebCaller _bob = null!;
    private string _annId = "";
    private EdgeId _edge;
    private string _rule = "";
    private string _foreign = "";
    private long _sequence;

    public async Task InitializeAsync()
    {
        _web = await RunningWeb.StartAsync();
        _root = await _web.SuperadminAsync();
        var edge = (await _root.PostAsync("/v1/edges", new { name = "one" }))["id"];
        Assert.True(EdgeId.TryParse(edge, out _edge));
        (_ann, _annId, _rule) = await TenantAsync("ann", edge, 8080);
        (_bob, _, _foreign) = await TenantAsync("bob", edge, 8090);
    }

    public async Task DisposeAsync() => await _web.DisposeAsync();

    [Fact]
    public async Task Tenants_SeeOwnTrafficOnly_AndOverseersAll()
    {
        Take((_rule, 1000), (_foreign, 50_000));
        await Eventually.Equals(1000L, () => Totals(_ann, "/v1/traffic"), "ann's traffic");
        Assert.Equal(50_000, Totals(_bob, "/v1/traffic"));
        Assert.Equal(51_000, Totals(_root, "/v1/traffic"));
        Assert.Equal("own", (await _ann.GetAsync("/v1/traffic"))["of"]);
        Assert.Equal(1000, Totals(_ann, $"/v1/rules/{_rule}/traffic"));
        Assert.Equal(50_000, Totals(_root, $"/v1/rules/{_foreign}/traffic"));
        Assert.Equal(404, (await _ann.GetAsync($"/v1/rules/{_foreign}/traffic")).Status);
        Assert.Equal(404, (await _ann.GetAsync($"/v1/rules/{_foreign}/traffic/events")).Status);
        Assert.Equal(51_000, Totals(_root, $"/v1/edges/{_edge}/traffic"));
        // An owner's part of an edge is read from the ledger.
        await Eventually.Equals(1000L, () => Totals(_ann, $"/v1/edges/{_edge}/traffic"), "ann's traffic on the edge");
    }

    [Fact]
    public async Task PortsAndTargets_AreToldOnDemand()
    {
        Take((_rule, 1));
        await Eventually.Equals(1L, () => Totals(_ann, $"/v1/rules/{_rule}/traffic"), "the rule is known");
        var answer = await _ann.GetAsync($"/v1/rules/{_rule}/traffic?ports=true&targets=true");
        Assert.Equal("a.example", answer.Body.GetProperty("targets")[0].GetProperty("host").GetString());
        Assert.Equal(_rule, Assert.Single(Intake.WatchedPorts(_edge)).ToString());
        Assert.Equal("ok", answer["forwarding"]);
        Assert.Equal("", (await _ann.GetAsync($"/v1/rules/{_rule}/traffic"))["targets"]);
        Assert.Equal(422, (await _ann.GetAsync($"/v1/rules/{_rule}/traffic?ports=perhaps")).Status);
    }

    [Fact]
    public async Task Events_ComeAsTrafficDoes()
    {
        using var stream = await OpenAsync(_ann, $"/v1/rules/{_rule}/traffic/events");
        Assert.Equal(": still here", await stream.LineAsync());
        Take((_rule, 1000));
        await stream.UntilAsync("\"bytes_in\":1000,");
        Take((_rule, 2000));
        await stream.UntilAsync("\"bytes_in\":2000,");
        using var all = await OpenAsync(_ann, "/v1/traffic/events");
        await all.UntilAsync("\"bytes_in\":2000,");
        Assert.Equal(2, Streams.Count);
        all.Dispose();
        stream.Dispose();
        await Eventually.Equals(0, () => Streams.Count, "streams end with their readers");
    }

    [Theory]
    [InlineData("disabled")]
    [InlineData("token")]
    [InlineData("rule")]
    public async Task Stream_EndsOnceItsReaderMayNotSeeIt(string what)
    {
        using var stream = await OpenAsync(_ann, $"/v1/rules/{_rule}/traffic/events");
        await stream.LineAsync();
        var done = what switch
        {
            "disabled" => await PatchAsync($"/v1/accounts/{_annId}", new { disabled = true }),
            "token" => await _ann.SendAsync("DELETE", $"/v1/me/tokens/{(await _ann.GetAsync("/v1/me/tokens")).Body.GetProperty("items")[0].GetProperty("id").GetString()}"),
            _ => await _ann.SendAsync("DELETE", $"/v1/rules/{_rule}"),
        };
        Assert.True(done.Status is 200 or 204, done.Text);
        await Eventually.Within(stream.EndAsync());
        await Eventually.Equals(0, () => Streams.Count, "it is not counted any more");
    }

    [Fact]
    public async Task Streams_AreBoundedForEachAccount()
    {
        var open = new List<EventStream>();
        for (var i = 0; i < TrafficStreams.MostOfAccount; i++)
        {
            open.Add(await OpenAsync(_ann, "/v1/traffic/events"));
        }

        var refused = await _ann.GetAsync("/v1/traffic/events");
        Assert.Equal((429, "streams_too_many"), (refused.Status, refused.Code));
        using (await OpenAsync(_bob, "/v1/traffic/events"))
        {
            open[0].Dispose();
            await Eventually.Equals(TrafficStreams.MostOfAccount, () => Streams.Count, "one is closed");
            open[0] = await OpenAsync(_ann, "/v1/traffic/events");
        }

        open.ForEach(stream => stream.Dispose());
    }

    [Fact]
    public async Task HeadOfAStream_EndsAtOnce()
    {
        var answer = await _ann.SendAsync("HEAD", "/v1/traffic/events");
        Assert.Equal((200, "text/event-stream"), (answer.Status, answer.ContentHeaders.ContentType?.MediaType));
        await Eventually.Equals(0, () => Streams.Count, "it is over");
    }

    private TrafficIntake Intake => _web.Services.GetRequiredService<TrafficIntake>();

    private TrafficStreams Streams => _web.Services.GetRequiredService<TrafficStreams>();

    private static long Totals(WebCaller caller, string path) => caller.GetAsync(path).GetAwaiter().GetResult().Body.GetProperty("totals").GetProperty("bytes_in").GetInt64();

    private async Task<WebAnswer> PatchAsync(string path, object body)
    {
        var found = await _root.GetAsync(path);
        return await _root.SendAsync("PATCH", path, body, found.ETag);
    }

    private void Take(params (string Rule, long Bytes)[] rules) => Intake.Take(_edge, new SampleBatch
    {
        Boot = s_boot,
        Sequence = ++_sequence,
        TakenAt = DateTimeOffset.UtcNow,
        IsLast = true,
        Rules = [.. rules.Select(one => new RuleTotals
        {
            Rule = RuleId.TryParse(one.Rule, out var id) ? id : default,
            Accepted = 1,
            Traffic = new TrafficCount(one.Bytes, one.Bytes, 1, 1),
            Targets = [new TargetTotals("a.example", 80, "up", default, 0, 1.5)],
        })],
    });

    private async Task<(WebCaller Caller, string Id, string Rule)> TenantAsync(string name, string edge, int port)
    {
        var caller = await _web.AccountAsync(_root, name);
        var id = (await caller.GetAsync("/v1/me")).Body.GetProperty("account").GetProperty("id").GetString()!;
        var granted = await _root.PostAsync("/v1/grants", new { account = id, edge, ports = $"{port}-{port + 9}", protocols = new[] { "tcp" } });
        Assert.True(granted.Status == 201, granted.Text);
        var made = await caller.PostAsync("/v1/rules", new { edge, listen_port = port, target = "a.example:80" });
        Assert.True(made.Status == 201, made.Text);
        return (caller, id, made["id"]);
    }

    private async Task<EventStream> OpenAsync(WebCaller caller, string path)
    {
        var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_web.Address, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", caller.Token);
        var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        return new EventStream(http, answer, new StreamReader(await answer.Content.ReadAsStreamAsync()));
    }

    private sealed class EventStream(HttpClient http, HttpResponseMessage answer, StreamReader reader) : IDisposable
    {
        public Task<string?> LineAsync() => Eventually.Within(reader.ReadLineAsync());

        public async Task UntilAsync(string text)
        {
            while (await LineAsync() is { } line)
            {
                if (line.StartsWith("data: ", StringComparison.Ordinal) && line.Contains(text, StringComparison.Ordinal))
                {
                    return;
                }
            }

            Assert.Fail($"the stream ended before {text}");
        }

        public async Task EndAsync()
        {
            while (await reader.ReadLineAsync() is not null)
            {
                // Whatever came before the end.
            }
        }

        public void Dispose()
        {
            reader.Dispose();
            answer.Dispose();
            http.Dispose();
        }
    }
}

using Microsoft.Extensions.DependencyInjection;
using Portunus.Shared.Ids;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;
using Portunus.Web.Scrape;
using Portunus.Web.Traffic;

namespace Portunus.Tests.Web.Scrape;

/// <summary>What the metrics listener serves, and that it serves nothing else.</summary>
public sealed class MetricsListenerTests : IAsyncLifetime
{
    private RunningWeb _web = null!;
    private WebCaller _metrics = null!;

    public async Task InitializeAsync()
    {
        _web = await RunningWeb.StartAsync();
        _metrics = new WebCaller(new Uri($"http://{_web.Services.GetRequiredService<MetricsListener>().Address}"));
    }

    public async Task DisposeAsync() => await _web.DisposeAsync();

    [Fact]
    public async Task Metrics_NeedNoSignIn_AndTellOfWhatEdgesTold()
    {
        var root = await _web.SuperadminAsync();
        var edge = (await root.PostAsync("/v1/edges", new { name = "one" }))["id"];
        var rule = (await root.PostAsync("/v1/rules", new { edge, listen_port = 8080, target = "a.example:80" }))["id"];
        Assert.True(EdgeId.TryParse(edge, out var edgeId));
        Assert.True(RuleId.TryParse(rule, out var ruleId));
        _web.Services.GetRequiredService<TrafficIntake>().Take(edgeId, new SampleBatch
        {
            Boot = Guid.NewGuid(), Sequence = 1, TakenAt = DateTimeOffset.UtcNow, IsLast = true, Rules = [TrafficRoom.Totals(ruleId, 1234)],
        });
        var line = $"portunus_fleet_rule_bytes_total{{rule=\"{rule}\",direction=\"in\"}} 1234\n";
        var text = "";
        await Eventually.Holds(() => (text = _metrics.GetAsync("/metrics").GetAwaiter().GetResult().Text).Contains(line, StringComparison.Ordinal), "the rule's bytes are served");
        Assert.Contains($"portunus_fleet_edge_link_up{{edge=\"{edge}\"}} 0\n", text, StringComparison.Ordinal);
        var answer = await _metrics.GetAsync("/metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.ContentHeaders.ContentType?.ToString());
        Assert.Equal("no-store", answer.Header("Cache-Control"));
        // The same by the API, for overseers.
        var auditor = await _web.AccountAsync(root, "watcher", "auditor");
        Assert.Contains(line, (await auditor.GetAsync("/v1/metrics")).Text, StringComparison.Ordinal);
        Assert.Equal(403, (await (await _web.AccountAsync(root, "ann")).GetAsync("/v1/metrics")).Status);
    }

    [Fact]
    public async Task Health_IsOnBothListeners()
    {
        foreach (var caller in new[] { _web.Nobody, _metrics })
        {
            Assert.Equal("ok", (await caller.GetAsync("/healthz"))["status"]);
            Assert.Equal("ok", (await caller.GetAsync("/readyz"))["status"]);
        }
    }

    [Theory]
    [InlineData("/v1/me")]
    [InlineData("/v1/metrics")]
    [InlineData("/v1/auth/setup")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/control/run")]
    [InlineData("/link")]
    [InlineData("/")]
    public async Task MetricsListener_ServesNothingElse(string path)
    {
        var root = await _web.SuperadminAsync();
        var answer = await _metrics.WithToken(root.Token!).With("Host", "127.0.0.1:7080").GetAsync(path);
        Assert.Equal((404, "route_not_found"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task AdminListener_DoesNotServeTheOpenPage() => Assert.Equal(404, (await _web.Nobody.GetAsync("/metrics")).Status);

    [ProgramFact("promtool")]
    public async Task FreshControlPlane_IsWhatPromtoolTakes()
    {
        var run = await CommandRun.RunAsync("promtool", ["check", "metrics"], (await _metrics.GetAsync("/metrics")).Text);
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
    }
}

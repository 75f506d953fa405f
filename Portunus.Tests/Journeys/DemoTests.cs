using System.Globalization;
using Portunus.Demo;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>The one command that shows everything, run as a newcomer would.</summary>
public sealed class DemoTests
{
    private static readonly string s_program = Path.Combine(AppContext.BaseDirectory, "Portunus.Demo");

    [Fact]
    public async Task Demo_ForwardsToItsSamples_AndLeavesNothingBehind()
    {
        var (services, rules) = (FreePorts.Take(3), FreePorts.Take(DemoOptions.Ports));
        await using var demo = LiveProgram.Start(
            s_program, WebProcess.Program, EdgeProcess.Program,
            "--admin-port", Text(services), "--link-port", Text(services + 1), "--metrics-port", Text(services + 2), "--first-port", Text(rules));
        await demo.SaysAsync("Ctrl-C stops everything");
        Assert.Equal(3, demo.Text.Split('\n').Count(line => line.EndsWith("listening", StringComparison.Ordinal)));

        using var http = new HttpClient();
        Assert.Contains("Hello from behind the edge", await http.GetStringAsync(new Uri($"http://127.0.0.1:{rules}/")), StringComparison.Ordinal);
        var token = demo.Text.Split('\n').First(line => line.Contains("TOKEN=", StringComparison.Ordinal)).Split("TOKEN=")[1].Trim();
        http.DefaultRequestHeaders.Add("Authorization", $"Bearer {token}");
        Assert.Contains("\"echoes\"", await http.GetStringAsync(new Uri($"http://127.0.0.1:{services}/v1/rules")), StringComparison.Ordinal);

        Assert.Equal(0, await demo.StopAsync("INT"));
        Assert.Contains("nothing is left of it", demo.Text, StringComparison.Ordinal);
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(new Uri($"http://127.0.0.1:{rules}/")));
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(new Uri($"http://127.0.0.1:{services}/healthz")));
    }

    [Theory]
    [InlineData("--admin-port")]
    [InlineData("--admin-port x")]
    [InlineData("--link-port 70000")]
    [InlineData("--first-port 0")]
    [InlineData("--what 1")]
    public void Options_ThatAreNotUnderstood_AreToldByName(string options)
    {
        Assert.Null(DemoOptions.Read(["web", "edge", .. options.Split(' ')], out var problem));
        Assert.Contains(options.Split(' ')[0], problem, StringComparison.Ordinal);
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}

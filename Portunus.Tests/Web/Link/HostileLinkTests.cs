using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Portunus.Shared.Link;
using Portunus.Tests.Kit;
using Portunus.Web.Link;

namespace Portunus.Tests.Web.Link;

/// <summary>What no edge sends: the link ends, it is counted, and the others do not notice.</summary>
public sealed class HostileLinkTests : IAsyncLifetime
{
    private const int Seed = 4711;

    private RunningWeb _web = null!;
    private WebCaller _root = null!;
    private EnrolledRaw _edge = null!;

    public async Task InitializeAsync()
    {
        _web = await RunningWeb.StartAsync();
        _root = await _web.SuperadminAsync();
        _edge = await EnrolledRaw.NewAsync(_root, _web.LinkAddress, "Oslo");
    }

    public async Task DisposeAsync() => await _web.DisposeAsync();

    [Theory]
    [InlineData("ReportPlan", """{"epoch":"a","number":1,"rules":[],"is_last":true}""")]
    [InlineData("ReportSamples", """{"boot":"7f9c24e8-3b0a-4a53-9b6b-2f6f2f0a8f10","sequence":1,"taken_at":"2026-01-01T00:00:00Z","is_last":true,"rules":[]}""")]
    [InlineData("PinsKept", "[]")]
    public async Task WithoutHello_NothingIsTaken(string method, string argument)
    {
        await using var link = await RawLink.ConnectAsync(_web.LinkAddress, _edge.Credential);

        Assert.True((await link.InvokeAsync(method, argument)).TryGetProperty("error", out _));

        await Eventually.Within(link.Closed);
        Assert.Equal(1, Meter.Of(LinkGuard.NoHello));
        await OthersAreWellAsync();
    }

    [Fact]
    public async Task SecondHello_IsCut()
    {
        await using var link = await RawLink.GreetedAsync(_web.LinkAddress, _edge.Credential);
        await link.HelloAsync();
        await Eventually.Within(link.Closed);
        Assert.Equal(1, Meter.Of(LinkGuard.NoHello));
    }

    [Fact]
    public async Task TooManyMessages_AreCut()
    {
        await using var link = await RawLink.GreetedAsync(_web.LinkAddress, _edge.Credential);
        for (var i = 0; i < 20 * MessageBudget.AtOnce && !link.Closed.IsCompleted; i++)
        {
            await link.SendAsync("""{"type":1,"target":"PinsKept","arguments":[["x"]]}""");
        }

        await Eventually.Within(link.Closed);
        Assert.Equal(1, Meter.Of(LinkGuard.TooMany));
        await OthersAreWellAsync();
    }

    [Fact]
    public async Task MessageThatIsTooLarge_EndsTheLink()
    {
        await using var link = await RawLink.GreetedAsync(_web.LinkAddress, _edge.Credential);
        await link.SendAsync($$"""{"type":1,"target":"PinsKept","arguments":[["{{new string('x', LinkRoutes.MaxMessageBytes)}}"]]}""");
        await Eventually.Within(link.Closed);
        await Eventually.Holds(() => Meter.Of(LinkGuard.Garbage) == 1, "it is counted");
        await OthersAreWellAsync();
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"type":1,"target":"ReportPlan","arguments":[null]}""")]
    [InlineData("""{"type":1,"target":"ReportPlan","arguments":[{"epoch":null,"number":1,"rules":null,"is_last":true}]}""")]
    [InlineData("""{"type":1,"target":"ReportSamples","arguments":[{"boot":"x"}]}""")]
    [InlineData("""{"type":1,"target":"ReportSamples","arguments":[]}""")]
    [InlineData("""{"type":1,"target":"ReportSamples","arguments":[null]}""")]
    [InlineData("""{"type":1,"target":"PinsKept","arguments":[[null]]}""")]
    [InlineData("""{"type":4,"invocationId":"9","target":"Hello","arguments":[]}""")]
    [InlineData("""{"type":99}""")]
    public async Task Garbage_NeverHurtsAnybodyElse(string message)
    {
        await using var link = await RawLink.GreetedAsync(_web.LinkAddress, _edge.Credential);
        await link.SendAsync(message);
        await OthersAreWellAsync();
    }

    [Fact]
    public async Task RandomBytes_AfterHello_NeverHurtAnybodyElse()
    {
        var random = new Random(Seed);
        for (var i = 0; i < 40; i++)
        {
            await using var link = await RawLink.GreetedAsync(_web.LinkAddress, _edge.Credential, $"run-{i}");
            var bytes = new byte[random.Next(1, 4096)];
            random.NextBytes(bytes);
            bytes[^1] = 0x1e;
            await link.SendAsync(bytes);
            await Eventually.Within(link.Closed);
            await Eventually.Holds(() => _web.Services.GetRequiredService<EdgeConnections>().All.Count == 0, "the link is gone");
        }

        await OthersAreWellAsync();
    }

    [Fact]
    public async Task RandomBytes_BeforeAnything_NeverHurtAnybodyElse()
    {
        var random = new Random(Seed);
        for (var i = 0; i < 60; i++)
        {
            using var tcp = new TcpClient();
            await tcp.ConnectAsync(IPAddress.Loopback, _web.LinkAddress.Port);
            var bytes = new byte[random.Next(1, 2048)];
            random.NextBytes(bytes);
            if (i % 2 == 0)
            {
                await tcp.GetStream().WriteAsync(bytes);
                continue;
            }

            await using var tls = new SslStream(tcp.GetStream(), false, (_, certificate, _, _) => certificate is not null);
            await tls.AuthenticateAsClientAsync("any.example");
            var start = i % 3 == 0 ? Encoding.ASCII.GetBytes($"GET {LinkRoutes.Hub} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ") : [];
            await tls.WriteAsync((byte[])[.. start, .. bytes]);
        }

        await OthersAreWellAsync();
    }

    private LinkMeter Meter => _web.Services.GetRequiredService<LinkMeter>();

    /// <summary>Another edge is welcomed, and nothing was told as a fault of the program.</summary>
    private async Task OthersAreWellAsync()
    {
        var other = await EnrolledRaw.NewAsync(_root, _web.LinkAddress, "Bergen");
        await using var link = await RawLink.GreetedAsync(_web.LinkAddress, other.Credential);
        await Eventually.Holds(() => link.Calls("ApplyPlan").Count == 1, "the plan comes");
        Assert.Equal(200, (await _root.GetAsync("/healthz")).Status);
        Assert.DoesNotContain(_web.Log.Split('\n'), line => line.Contains(" fails", StringComparison.Ordinal) && line.Contains("ERR", StringComparison.OrdinalIgnoreCase));
    }
}

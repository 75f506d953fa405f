using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Portunus.Shared.Link;
using Portunus.Shared.Plans;
using Portunus.Shared.Samples;

namespace Portunus.Tests.Kit;

/// <summary>An edge's end of a link, written out by hand: what is sent is sent as it stands, also what no edge would send.</summary>
internal sealed class RawLink : IAsyncDisposable
{
    private const char End = '\u001e';

    private readonly ClientWebSocket _socket;
    private readonly List<JsonElement> _messages = [];
    private readonly Task _reading;
    private int _calls;

    private RawLink(ClientWebSocket socket)
    {
        _socket = socket;
        _reading = ReadAsync();
    }

    /// <summary>Done when the server has closed it.</summary>
    public Task Closed => _reading;

    /// <summary>Everything that came, the newest last.</summary>
    public IReadOnlyList<JsonElement> Messages
    {
        get
        {
            lock (_messages)
            {
                return [.. _messages];
            }
        }
    }

    /// <summary>First arguments of what the server called on the edge.</summary>
    public IReadOnlyList<JsonElement> Calls(string target) =>
        [.. Messages.Where(one => one.TryGetProperty("target", out var name) && name.GetString() == target).Select(one => one.GetProperty("arguments")[0])];

    /// <summary>The HTTP status that a link is answered with: 101 where it would be let in.</summary>
    public static async Task<int> StatusAsync(Uri address, string? credential, string? instance = "one")
    {
        using var socket = Socket(credential, instance);
        try
        {
            await socket.ConnectAsync(At(address), CancellationToken.None);
            return 101;
        }
        catch (WebSocketException)
        {
            return (int)socket.HttpStatusCode;
        }
    }

    /// <summary>Opens the link and agrees on the protocol; no hello yet.</summary>
    public static async Task<RawLink> ConnectAsync(Uri address, string credential, string instance = "one")
    {
        var socket = Socket(credential, instance);
        await socket.ConnectAsync(At(address), CancellationToken.None);
        var link = new RawLink(socket);
        await link.SendAsync("""{"protocol":"json","version":1}""");
        await Eventually.Holds(() => link.Messages.Count > 0 || link.Closed.IsCompleted, "the protocol is agreed on");
        return link;
    }

    /// <summary>Connects and says hello; the plan and whatever else follows is in <see cref="Messages"/>.</summary>
    public static async Task<RawLink> GreetedAsync(Uri address, string credential, string instance = "one", EdgeHello? hello = null)
    {
        var link = await ConnectAsync(address, credential, instance);
        var answer = await link.HelloAsync(hello);
        Assert.False(answer.TryGetProperty("error", out var error), error.ToString());
        return link;
    }

    public static EdgeHello Hello() => new()
    {
        LinkVersion = LinkVersion.Current,
        Version = "1.2.3",
        Features = ["one"],
        Boot = Guid.NewGuid(),
        OlderBoots = [],
        Host = "raw",
        Kernel = "Linux 6",
        Machine = "x64",
    };

    /// <summary>What came back: <c>result</c> or <c>error</c>.</summary>
    public Task<JsonElement> HelloAsync(EdgeHello? hello = null) => InvokeAsync(nameof(IEdgeHub.Hello), JsonSerializer.Serialize(hello ?? Hello(), LinkJson.Default.EdgeHello));

    public Task<JsonElement> ReportAsync(PlanReport report) => InvokeAsync(nameof(IEdgeHub.ReportPlan), JsonSerializer.Serialize(report, LinkJson.Default.PlanReport));

    public Task<JsonElement> SampleAsync(SampleBatch batch) => InvokeAsync(nameof(IEdgeHub.ReportSamples), JsonSerializer.Serialize(batch, LinkJson.Default.SampleBatch));

    /// <summary>Calls and waits for the answer; an answer that never comes because the link ends is an error too.</summary>
    public async Task<JsonElement> InvokeAsync(string target, string argument)
    {
        var id = $"{++_calls}";
        await SendAsync($$"""{"type":1,"invocationId":"{{id}}","target":"{{target}}","arguments":[{{argument}}]}""");
        JsonElement? Answer() => Messages.Cast<JsonElement?>().FirstOrDefault(one => one!.Value.TryGetProperty("invocationId", out var of) && of.GetString() == id);
        await Eventually.Holds(() => Answer() is not null || Closed.IsCompleted, $"{target} is answered");
        return Answer() ?? JsonSerializer.Deserialize<JsonElement>("""{"error":"closed"}""");
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text + End));

    /// <summary>One frame; a link that is over takes nothing and says nothing.</summary>
    public async Task SendAsync(byte[] bytes)
    {
        try
        {
            await _socket.SendAsync(bytes, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        catch (Exception over) when (over is WebSocketException or InvalidOperationException or IOException)
        {
            // Closed tells.
        }
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _reading;
        _socket.Dispose();
    }

    private static Uri At(Uri address) => new UriBuilder(address) { Scheme = "wss", Path = LinkRoutes.Hub }.Uri;

    private static ClientWebSocket Socket(string? credential, string? instance)
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null;
        if (credential is not null)
        {
            socket.Options.SetRequestHeader("Authorization", $"Bearer {credential}");
        }

        if (instance is not null)
        {
            socket.Options.SetRequestHeader(LinkRoutes.InstanceHeader, instance);
        }

        return socket;
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[64 * 1024];
        var left = new List<byte>();
        try
        {
            while (true)
            {
                var got = await _socket.ReceiveAsync(buffer, CancellationToken.None);
                if (got.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                left.AddRange(buffer.AsSpan(0, got.Count));
                Take(left);
            }
        }
        catch (Exception over) when (over is WebSocketException or OperationCanceledException or IOException)
        {
            // The server has cut it.
        }
    }

    private void Take(List<byte> left)
    {
        int end;
        while ((end = left.IndexOf((byte)End)) >= 0)
        {
            var message = JsonSerializer.Deserialize<JsonElement>(left.GetRange(0, end).ToArray());
            left.RemoveRange(0, end + 1);
            lock (_messages)
            {
                _messages.Add(message);
            }
        }
    }
}

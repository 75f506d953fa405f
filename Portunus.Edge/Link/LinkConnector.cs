using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;
using Portunus.Shared.Link;

namespace Portunus.Edge.Link;

/// <summary>Opens connections for the hub's protocol: straight to the WebSocket, without negotiation, to a server with the pinned key alone.</summary>
/// <param name="credentials">Of this edge.</param>
/// <param name="instance">Of this process.</param>
internal sealed class LinkConnector(EdgeCredentials credentials, string instance) : IConnectionFactory
{
    /// <summary>From the first packet to the answer to the upgrade.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    /// <summary>Where the hub is.</summary>
    public static Uri Place(EdgeCredentials credentials)
    {
        var host = credentials.Host.Contains(':', StringComparison.Ordinal) ? $"[{credentials.Host}]" : credentials.Host;
        return new Uri(string.Create(CultureInfo.InvariantCulture, $"wss://{host}:{credentials.Port}{LinkRoutes.Hub}"));
    }

    /// <summary>Throws <see cref="LinkRefusal"/> where there is an answer, <see cref="IOException"/> where there is none.</summary>
    public async ValueTask<ConnectionContext> ConnectAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var check = new PinCheck(credentials.ReadPins());
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_patience);
        var invoker = new HttpMessageInvoker(check.Handler(), disposeHandler: true);
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.SetRequestHeader("Authorization", $"Bearer {credentials.Credential}");
            socket.Options.SetRequestHeader(LinkRoutes.InstanceHeader, instance);
            socket.Options.CollectHttpResponseDetails = true;
            // The hub's protocol has pings of its own.
            socket.Options.KeepAliveInterval = TimeSpan.Zero;
            await socket.ConnectAsync(((UriEndPoint)endpoint).Uri, invoker, patience.Token);
            return new WebSocketLink(socket, invoker);
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException)
        {
            var status = socket.HttpStatusCode;
            socket.Dispose();
            invoker.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw Explain(error, status, check.Refused);
        }
    }

    private static Exception Explain(Exception error, HttpStatusCode status, ServerPin? shown)
    {
        if (shown is not null)
        {
            return new LinkRefusal($"the server shows the key {shown}, which is none of the control plane's; nothing was sent to it", null);
        }

        if ((int)status > 0)
        {
            return new LinkRefusal(Sentence(status), status);
        }

        return error is OperationCanceledException
            ? new IOException($"it did not answer within {s_patience.TotalSeconds} s", error)
            : new IOException($"it cannot be reached: {(error.InnerException ?? error).Message}", error);
    }

    private static string Sentence(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized => "it does not know this edge's credential (HTTP 401)",
        HttpStatusCode.Conflict => "another machine with this edge's credential is connected (HTTP 409)",
        HttpStatusCode.Gone => "this edge is revoked (HTTP 410)",
        _ => $"it answers HTTP {(int)status}",
    };
}

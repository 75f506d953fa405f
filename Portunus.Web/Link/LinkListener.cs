using System.Net;
using System.Security.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Portunus.Shared.Link;
using Portunus.Web.Edges;

namespace Portunus.Web.Link;

/// <summary>The listener for edges: TLS with the key in use, asked for at every handshake, so that a rotation needs no restart.</summary>
internal sealed class LinkListener(LinkKeys keys, LinkListenOptions options) : ILinkEnd
{
    /// <summary>Of all that the server takes, so many at most: whoever fills them leaves the API's listener its own.</summary>
    private const int MaxConnections = 4000;

    private ListenOptions? _listen;
    private int _open;

    public IReadOnlyList<ServerPin> Pins => keys.Pins;

    public int Port => (Volatile.Read(ref _listen)?.IPEndPoint ?? options.Listen).Port;

    /// <summary>Where it listens, for people.</summary>
    public string Address => new IPEndPoint(options.Listen.Address, Port).ToString();

    /// <summary>Opens it as the server starts.</summary>
    /// <param name="listen">Of the server.</param>
    public void Use(ListenOptions listen)
    {
        // The server writes the port that the kernel chose back into it.
        Volatile.Write(ref _listen, listen);
        listen.Use(next => async connection =>
        {
            try
            {
                if (Interlocked.Increment(ref _open) <= MaxConnections)
                {
                    await next(connection);
                }
            }
            finally
            {
                Interlocked.Decrement(ref _open);
            }
        });
        // WebSockets begin as HTTP/1.1, and enrolment needs no more.
        listen.Protocols = HttpProtocols.Http1;
        listen.UseHttps(new HttpsConnectionAdapterOptions
        {
            SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ServerCertificateSelector = (_, _) => keys.Certificate,
            HandshakeTimeout = TimeSpan.FromSeconds(10),
        });
    }
}

/// <summary>What this room is told at the start.</summary>
/// <param name="Listen">Where edges connect; port 0 lets the kernel choose.</param>
internal sealed record LinkListenOptions(IPEndPoint Listen);

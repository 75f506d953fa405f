using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Portunus.Tests.Kit;

/// <summary>Two machines, one for an edge and one for its control plane, and a cable between them (veth(4)) that can be pulled out. Root alone may do this.</summary>
internal sealed class LinkCable : IDisposable
{
    /// <summary>Of the control plane, on the cable.</summary>
    public const string PlaneAddress = "10.77.0.2";

    public LinkCable()
    {
        Edge.Ip("link", "add", "near0", "type", "veth", "peer", "name", "far0", "netns", Plane.ThreadId.ToString(CultureInfo.InvariantCulture));
        Edge.Ip("addr", "add", "10.77.0.1/24", "dev", "near0");
        Edge.Ip("link", "set", "near0", "up");
        Plane.Ip("addr", "add", $"{PlaneAddress}/24", "dev", "far0");
        Mend();
        Http = new HttpClient(new SocketsHttpHandler { UseCookies = false, ConnectCallback = ConnectAsync });
    }

    public NetworkRoom Edge { get; } = new();

    public NetworkRoom Plane { get; } = new();

    /// <summary>Calls the control plane from its own machine, whatever becomes of the cable.</summary>
    public HttpClient Http { get; }

    public void Cut() => Plane.Ip("link", "set", "far0", "down");

    public void Mend() => Plane.Ip("link", "set", "far0", "up");

    public void Dispose()
    {
        Http.Dispose();
        Edge.Dispose();
        Plane.Dispose();
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext to, CancellationToken cancel)
    {
        var socket = Plane.Do(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        try
        {
            await socket.ConnectAsync(IPAddress.Parse(to.DnsEndPoint.Host), to.DnsEndPoint.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

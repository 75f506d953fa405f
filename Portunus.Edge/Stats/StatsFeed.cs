using System.Net.Sockets;
using System.Text;

namespace Portunus.Edge.Stats;

/// <summary>A reader's end of the stats socket.</summary>
internal sealed class StatsFeed : IDisposable
{
    private readonly StreamReader _lines;

    private StatsFeed(Socket socket) => _lines = new StreamReader(new NetworkStream(socket, ownsSocket: true), Encoding.UTF8);

    /// <summary>Throws <see cref="SocketException"/> where nobody serves, and <see cref="ArgumentException"/> for a path that no socket can have.</summary>
    public static async Task<StatsFeed> OpenAsync(string path, CancellationToken stop)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), stop);
            return new StatsFeed(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The next line; null once the edge has gone. Throws <see cref="IOException"/> where it went abruptly.</summary>
    public ValueTask<string?> ReadAsync(CancellationToken stop) => _lines.ReadLineAsync(stop);

    public void Dispose() => _lines.Dispose();
}

using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Portunus.Demo;

/// <summary>What the sample rules forward to: a page over HTTP, and echoes over TCP and UDP. On ports of the kernel's choice.</summary>
internal sealed class SampleTargets : IDisposable
{
    private const int EchoPorts = 10;

    private readonly CancellationTokenSource _ending = new();
    private readonly TcpListener _page = new(IPAddress.Loopback, 0);
    private readonly UdpClient _datagrams = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly List<TcpListener> _echoes;
    private long _pages;

    public SampleTargets()
    {
        _page.Start();
        _echoes = AdjoiningListeners();
        _ = AcceptAsync(_page, AnswerPageAsync);
        foreach (var echo in _echoes)
        {
            _ = AcceptAsync(echo, stream => stream.CopyToAsync(stream, _ending.Token));
        }

        _ = EchoDatagramsAsync();
    }

    public int PagePort => Port(_page);

    /// <summary>The first of ten.</summary>
    public int FirstEchoPort => Port(_echoes[0]);

    public int DatagramPort => (_datagrams.Client.LocalEndPoint as IPEndPoint)?.Port ?? 0;

    public void Dispose()
    {
        _ending.Cancel();
        _page.Dispose();
        _echoes.ForEach(echo => echo.Dispose());
        _datagrams.Dispose();
        _ending.Dispose();
    }

    private static int Port(TcpListener listener) => (listener.LocalEndpoint as IPEndPoint)?.Port ?? 0;

    private static List<TcpListener> AdjoiningListeners()
    {
        for (var first = 21000; first < 30000; first += EchoPorts)
        {
            var listeners = Enumerable.Range(first, EchoPorts).Select(port => new TcpListener(IPAddress.Loopback, port)).ToList();
            try
            {
                listeners.ForEach(listener => listener.Start());
                return listeners;
            }
            catch (SocketException)
            {
                // One of them is taken: the next ten.
                listeners.ForEach(listener => listener.Dispose());
            }
        }

        throw new DemoFailure("No ten ports in a row are free for the sample targets.");
    }

    private async Task AcceptAsync(TcpListener listener, Func<NetworkStream, Task> serve)
    {
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                _ = ServeAsync(await listener.AcceptTcpClientAsync(_ending.Token), serve);
            }
            catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private static async Task ServeAsync(TcpClient caller, Func<NetworkStream, Task> serve)
    {
        using (caller)
        {
            try
            {
                await serve(caller.GetStream());
            }
            catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException)
            {
                // The caller left, or the demo is over: nobody is there to tell.
            }
        }
    }

    private async Task AnswerPageAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        while (await reader.ReadLineAsync(_ending.Token) is { Length: > 0 })
        {
        }

        var body = $"Hello from behind the edge: page number {Interlocked.Increment(ref _pages)}.\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"), _ending.Token);
    }

    private async Task EchoDatagramsAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                var got = await _datagrams.ReceiveAsync(_ending.Token);
                await _datagrams.SendAsync(got.Buffer, got.RemoteEndPoint, _ending.Token);
            }
            catch (SocketException)
            {
                // The answer to a caller that had gone was refused.
            }
            catch (Exception over) when (over is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}

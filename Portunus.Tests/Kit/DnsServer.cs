using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Portunus.Tests.Kit;

/// <summary>
/// A name server on loopback, UDP and TCP on one port. It answers from its zone, or whatever a test's script says: any
/// number of datagrams (none is silence), from any socket.
/// </summary>
internal sealed class DnsServer : IAsyncDisposable
{
    public const ushort Answer = DnsBytes.Response | DnsBytes.RecursionDesired | DnsBytes.RecursionAvailable;

    private readonly ConcurrentDictionary<string, string[]> _zone = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentQueue<DnsAsk> _asked = new();
    private readonly Socket _datagrams;
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;

    public DnsServer(int port = 0)
    {
        (_datagrams, _listener) = Bind(port);
        Address = _datagrams.LocalEndPoint as IPEndPoint ?? throw new InvalidOperationException();
        _work = Task.WhenAll(ServeDatagramsAsync(), ServeStreamsAsync());
    }

    public IPEndPoint Address { get; }

    public uint Ttl { get; set; } = 60;

    /// <summary>Instead of the zone: the messages to send back.</summary>
    public Func<DnsAsk, Task<byte[][]>>? Script { get; set; }

    public IReadOnlyCollection<DnsAsk> Asked => _asked;

    public int CountOf(string name, ushort type) => _asked.Count(ask => ask.Name == name && ask.Type == type);

    /// <summary>From now on the name has these addresses; none: it is there without any.</summary>
    public void Put(string name, params string[] addresses) => _zone[name] = addresses;

    public void Remove(string name) => _zone.TryRemove(name, out _);

    /// <summary>A script for answers that are there at once.</summary>
    public void Play(Func<DnsAsk, byte[][]> script) => Script = ask => Task.FromResult(script(ask));

    /// <summary>What the zone says.</summary>
    public byte[] FromZone(DnsAsk ask)
    {
        if (!_zone.TryGetValue(ask.Name, out var addresses))
        {
            return DnsBytes.Message(ask.Id, Answer | 3, ask.Name, ask.Type);
        }

        var records = addresses.Select(address => DnsBytes.Address(ask.Name, address, Ttl)).Where(record => record.Type == ask.Type);
        return DnsBytes.Message(ask.Id, Answer, ask.Name, ask.Type, [.. records]);
    }

    /// <summary>Sends from another port than the one that was asked.</summary>
    public static async Task SendFromElsewhereAsync(DnsAsk ask, byte[] message)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await socket.SendToAsync(message, SocketFlags.None, ask.From);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _datagrams.Dispose();
        _listener.Dispose();
        await _work;
        _stop.Dispose();
    }

    private static (Socket Datagrams, Socket Listener) Bind(int port)
    {
        for (var tries = 0; ; tries++)
        {
            var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            var datagrams = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                var address = new IPEndPoint(IPAddress.Loopback, port == 0 ? FreePorts.Take() : port);
                listener.Bind(address);
                datagrams.Bind(address);
                listener.Listen();
                return (datagrams, listener);
            }
            catch (SocketException) when (tries < 20 && port == 0)
            {
                // Its twin of the other protocol is taken.
                listener.Dispose();
                datagrams.Dispose();
            }
        }
    }

    private async Task ServeDatagramsAsync()
    {
        var room = new byte[2048];
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var received = await _datagrams.ReceiveFromAsync(room, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                _ = AnswerDatagramAsync(room[..received.ReceivedBytes], (IPEndPoint)received.RemoteEndPoint);
            }
            catch (SocketException) when (!_stop.IsCancellationRequested)
            {
                // An ICMP error for an answer to somebody who has left.
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }

    private async Task AnswerDatagramAsync(byte[] query, IPEndPoint from)
    {
        try
        {
            foreach (var message in await AnswersAsync(query, from, isTcp: false))
            {
                await _datagrams.SendToAsync(message, SocketFlags.None, from, _stop.Token);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The server was stopped while it answered.
        }
    }

    private async Task ServeStreamsAsync()
    {
        while (true)
        {
            try
            {
                _ = AnswerStreamAsync(await _listener.AcceptAsync(_stop.Token));
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }

    private async Task AnswerStreamAsync(Socket socket)
    {
        try
        {
            using var stream = new NetworkStream(socket, ownsSocket: true);
            var prefix = new byte[2];
            await stream.ReadExactlyAsync(prefix, _stop.Token);
            var query = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
            await stream.ReadExactlyAsync(query, _stop.Token);
            foreach (var message in await AnswersAsync(query, (IPEndPoint)(socket.RemoteEndPoint ?? Address), isTcp: true))
            {
                // In two pieces, because a reader may not count on getting a message at once.
                await stream.WriteAsync(DnsBytes.Number((ushort)message.Length), _stop.Token);
                await stream.WriteAsync(message, _stop.Token);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            // Stopped, or the one who asked has left.
        }
    }

    private Task<byte[][]> AnswersAsync(byte[] query, IPEndPoint from, bool isTcp)
    {
        var (id, name, type) = DnsBytes.Question(query);
        var ask = new DnsAsk(id, name, type, isTcp, from);
        _asked.Enqueue(ask);
        return Script?.Invoke(ask) ?? Task.FromResult<byte[][]>([FromZone(ask)]);
    }
}

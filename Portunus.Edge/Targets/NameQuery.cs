using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Portunus.Edge.Targets;

/// <summary>
/// One question put to the servers in turn: over UDP, over TCP where the answer does not fit. Each datagram leaves from a
/// fresh connected socket, so the kernel picks a random port and passes only what comes from the server's address and port;
/// identifier and question are compared here. Whatever does not match is forged or late, and the wait goes on (RFC 5452 9).
/// </summary>
internal sealed class NameQuery
{
    // Without EDNS a server sends at most 512; some send more all the same.
    private const int DatagramRoom = 4096;

    private readonly TimeProvider _time;
    private int _turn;

    public NameQuery(TimeProvider time) => _time = time;

    /// <summary>Never throws for what servers do; when <paramref name="deadline"/> is cancelled the reply is silent.</summary>
    public async Task<NameReply> AskAsync(string name, DnsRecordType type, ResolvConf conf, CancellationToken deadline)
    {
        var servers = conf.NameServers;
        var first = conf.Rotate ? (int)((uint)Interlocked.Increment(ref _turn) % (uint)servers.Count) : 0;
        var reply = NameReply.Without(NameVerdict.Silent, "no server was asked");
        for (var attempt = 0; attempt < conf.Attempts; attempt++)
        {
            for (var i = 0; i < servers.Count && !deadline.IsCancellationRequested; i++)
            {
                reply = await AskServerAsync(servers[(first + i) % servers.Count], name, type, conf.Timeout, deadline);
                if (!reply.IsFailure)
                {
                    return reply;
                }
            }
        }

        return reply;
    }

    private async Task<NameReply> AskServerAsync(IPEndPoint server, string name, DnsRecordType type, TimeSpan timeout, CancellationToken deadline)
    {
        try
        {
            var message = await LimitedAsync(stop => AskByDatagramAsync(server, name, type, stop), timeout, deadline);
            if (message is { IsTruncated: true })
            {
                message = await LimitedAsync(stop => AskByStreamAsync(server, name, type, stop), timeout, deadline);
            }

            return message is null ? NameReply.Without(NameVerdict.NoSuchName, $"\"{name}\" cannot be asked for") : Judge(server, message);
        }
        catch (OperationCanceledException)
        {
            return NameReply.Without(NameVerdict.Silent, $"{server} does not answer");
        }
        catch (Exception error) when (error is SocketException or EndOfStreamException)
        {
            return NameReply.Without(NameVerdict.Silent, $"{server} cannot be asked: {error.Message}");
        }
    }

    private async Task<DnsMessage?> LimitedAsync(Func<CancellationToken, Task<DnsMessage?>> ask, TimeSpan timeout, CancellationToken deadline)
    {
        using var limit = new CancellationTokenSource(timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, deadline);
        return await ask(either.Token);
    }

    /// <summary>Null where the name cannot be written into a query.</summary>
    private static async Task<DnsMessage?> AskByDatagramAsync(IPEndPoint server, string name, DnsRecordType type, CancellationToken stop)
    {
        var query = new byte[DnsMessage.MaxQueryLength];
        var id = RandomId();
        if (!DnsMessage.TryWriteQuery(id, name, type, query, out var length))
        {
            return null;
        }

        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, stop);
        await socket.SendAsync(query.AsMemory(0, length), SocketFlags.None, stop);
        var room = new byte[DatagramRoom];
        while (true)
        {
            var received = await socket.ReceiveAsync(room, SocketFlags.None, stop);
            if (DnsMessage.TryRead(room.AsSpan(0, received), out var message) && message.Answers(id, name, type))
            {
                return message;
            }
        }
    }

    /// <summary>RFC 1035 4.2.2: each message after its length. Null where the name cannot be written into a query.</summary>
    private static async Task<DnsMessage?> AskByStreamAsync(IPEndPoint server, string name, DnsRecordType type, CancellationToken stop)
    {
        var query = new byte[2 + DnsMessage.MaxQueryLength];
        var id = RandomId();
        if (!DnsMessage.TryWriteQuery(id, name, type, query.AsSpan(2), out var length))
        {
            return null;
        }

        BinaryPrimitives.WriteUInt16BigEndian(query, (ushort)length);
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, stop);
        using var stream = new NetworkStream(socket);
        await stream.WriteAsync(query.AsMemory(0, 2 + length), stop);
        var prefix = new byte[2];
        while (true)
        {
            await stream.ReadExactlyAsync(prefix, stop);
            var room = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
            await stream.ReadExactlyAsync(room, stop);
            if (DnsMessage.TryRead(room, out var message) && message.Answers(id, name, type))
            {
                return message;
            }
        }
    }

    private static NameReply Judge(IPEndPoint server, DnsMessage message)
    {
        switch (message.Code)
        {
            case DnsResponseCode.NoSuchName:
                return NameReply.Without(NameVerdict.NoSuchName, $"{server} says that there is no such name");
            case DnsResponseCode.NoError when message.IsTruncated:
                return NameReply.Without(NameVerdict.Refused, $"{server} cuts its answer over TCP too");
            case DnsResponseCode.NoError when message.Addresses.Length == 0:
                // A server that neither owns the zone nor asks on only points elsewhere.
                return message.IsCompetent
                    ? NameReply.Without(NameVerdict.NoAddress, $"{server} says that the name has no address")
                    : NameReply.Without(NameVerdict.Refused, $"{server} does not ask on");
            case DnsResponseCode.NoError:
                var usable = message.Addresses.Select(one => one.IsIPv4MappedToIPv6 ? one.MapToIPv4() : one).Where(IsUsable).ToArray();
                return usable.Length > 0
                    ? new NameReply(NameVerdict.Found, usable, TimeSpan.FromSeconds(message.TtlSeconds), "")
                    : NameReply.Without(NameVerdict.NoAddress, $"{server} gives only addresses that nobody can connect to");
            default:
                return NameReply.Without(NameVerdict.Refused, $"{server} answers {message.Code}");
        }
    }

    /// <summary>The kernel takes a connect to the unspecified address for one to this machine; filters answer it for names they block.</summary>
    private static bool IsUsable(IPAddress address) => !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any)
        && !address.Equals(IPAddress.Broadcast) && !address.IsIPv6Multicast
        && (address.AddressFamily != AddressFamily.InterNetwork || (address.GetAddressBytes()[0] & 0xF0) != 0xE0);

    private static ushort RandomId() => (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1);
}

using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>Datagrams of every size towards a target behind a link of small and of large MTU, through the edge as a process.</summary>
public sealed class UdpMtuTests
{
    private const int Headers = 28; // IPv4 and UDP
    private const int Largest = 65_507;

    [RootFact("ip")]
    public void Datagrams_LinkOf1280_AllSizesComeWhole() => Through(1280);

    [RootFact("ip")]
    public void Datagrams_LinkOf9000_AllSizesComeWhole() => Through(9000);

    private static void Through(int mtu)
    {
        var port = FreePorts.Take(2);
        LinkedNamespaces.Run(mtu, () => DatagramTarget.Echo(LinkedNamespaces.Far, port + 1), () =>
        {
            using var file = new RuleFileOnDisk(
                $"[[rule]]\nname = \"mtu\"\nprotocol = \"udp\"\nlisten_address = \"127.0.0.1\"\nlisten_port = {port}\ntarget = \"{LinkedNamespaces.Far}:{port + 1}\"\n");
            using var folder = new TempFolder();
            var stats = folder.File("stats.sock");
            var edge = EdgeProcess.Start("--standalone", file.Path, "--stats-socket", stats);
            try
            {
                edge.SaysAsync("enabled rules listen").GetAwaiter().GetResult();
                using var peer = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 8 << 20, ReceiveTimeout = 30_000 };
                peer.Connect(new IPEndPoint(IPAddress.Loopback, port));
                var (sent, bytes) = SendSizes(peer, mtu);

                // Runs of one size, which a segmented send would cut at the size of a datagram: below, at and above what the link takes.
                foreach (var size in new[] { 1000, mtu - Headers, mtu - Headers + 1, mtu + 300 })
                {
                    SendRun(peer, size, 40);
                    sent += 40;
                    bytes += 40 * size;
                }

                Assert.Equal((sent, sent, bytes, bytes, 0), Counts(stats));
            }
            finally
            {
                edge.DisposeAsync().AsTask().GetAwaiter().GetResult();
            }
        });
    }

    private static (int Sent, long Bytes) SendSizes(Socket peer, int mtu)
    {
        var sizes = new[] { 0, 1, 500, mtu - Headers - 1, mtu - Headers, mtu - Headers + 1, 2 * mtu, Largest };
        foreach (var size in sizes)
        {
            var payload = Payload(size, size);
            peer.Send(payload);
            Assert.Equal(payload, Receive(peer));
        }

        return (sizes.Length, sizes.Sum(size => (long)size));
    }

    /// <summary>Sent without waiting in between; each comes back once, whole.</summary>
    private static void SendRun(Socket peer, int size, int count)
    {
        var waiting = Enumerable.Range(0, count).Select(number => Payload(size, number)).ToList();
        foreach (var payload in waiting)
        {
            peer.Send(payload);
        }

        while (waiting.Count > 0)
        {
            var got = Receive(peer);
            Assert.Equal(1, waiting.RemoveAll(payload => payload.AsSpan().SequenceEqual(got)));
        }
    }

    private static byte[] Receive(Socket peer)
    {
        var buffer = new byte[ushort.MaxValue];
        return buffer[..peer.Receive(buffer)];
    }

    private static byte[] Payload(int size, int seed)
    {
        var payload = new byte[size];
        new Random(seed).NextBytes(payload);
        return payload;
    }

    private static (long In, long Out, long BytesIn, long BytesOut, long Drops) Counts(string stats)
    {
        var look = CommandRun.RunAsync(EdgeProcess.Program, ["stats", "--once", "--stats-socket", stats]).GetAwaiter().GetResult();
        using var json = JsonDocument.Parse(look.Output);
        var rule = json.RootElement.GetProperty("rules")[0];
        long Of(string name) => rule.GetProperty(name).GetInt64();
        return (Of("datagrams_in"), Of("datagrams_out"), Of("bytes_in"), Of("bytes_out"),
            rule.GetProperty("drops_in").EnumerateObject().Concat(rule.GetProperty("drops_out").EnumerateObject()).Sum(drop => drop.Value.GetInt64()));
    }
}

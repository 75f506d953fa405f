using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Portunus.Soaks.Verdicts;

namespace Portunus.Soaks.Datagrams;

/// <summary>
/// Names asked of a DNS server: by a resolver's way of one socket for each question (so each is a flow), and by dig, over UDP and
/// over TCP at the same port number.
/// </summary>
internal sealed class DnsQuestions(IPEndPoint place, AnswerTally tally, Findings findings)
{
    /// <summary>What the server answers for every name under it.</summary>
    public const string Zone = "soak.test";

    public const string Answer = "192.0.2.53";
    private const int Head = 12;
    private static readonly TimeSpan s_every = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_digEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);
    private long _digs;

    /// <summary>Runs of dig that had their answer.</summary>
    public long Digs => Interlocked.Read(ref _digs);

    /// <summary>Starts the server.</summary>
    public static SideProgram StartServer(IPEndPoint place) => SideProgram.Start(
        "dnsmasq", "-d", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--bind-interfaces", $"--listen-address={place.Address}", $"--port={place.Port}", $"--address=/{Zone}/{Answer}");

    /// <summary>Asks one question; false when no answer came in two seconds.</summary>
    public static async Task<bool> AskAsync(IPEndPoint place, ushort id, AnswerTally tally, CancellationToken cut)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(place, cut);
        var question = Question(id);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cut);
        late.CancelAfter(s_patience);
        tally.Ask();
        try
        {
            socket.Send(question);
            var answer = new byte[512];
            var length = await socket.ReceiveAsync(answer, late.Token);
            if (!IsAnswer(answer.AsSpan(0, length), question))
            {
                tally.Err();
            }

            tally.Answer();
            return true;
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException && !cut.IsCancellationRequested)
        {
            return false;
        }
    }

    public async Task AskAsync(CancellationToken over, CancellationToken cut)
    {
        using var tick = new PeriodicTimer(s_every);
        for (var id = (ushort)1; !over.IsCancellationRequested; id++)
        {
            await AskAsync(place, id, tally, cut);
            await tick.WaitForNextTickAsync(cut);
        }
    }

    public async Task DigAsync(CancellationToken over, CancellationToken cut)
    {
        using var tick = new PeriodicTimer(s_digEvery);
        for (var number = 0; !over.IsCancellationRequested; number++)
        {
            var way = number % 4 == 3 ? "+tcp" : "+notcp";
            if (way == "+notcp")
            {
                tally.Ask();
            }

            var printed = await SideProgram.PrintedAsync(
                "dig", [$"@{place.Address}", "-p", $"{place.Port}", "+short", "+tries=1", "+time=3", way, $"dig-{number}.{Zone}"], TimeSpan.FromSeconds(10), cut);
            if (printed?.Trim() == Answer)
            {
                Interlocked.Increment(ref _digs);
                tally.Answer(way == "+notcp" ? 1 : 0);
            }
            else if (way == "+tcp" || printed is not null)
            {
                findings.Add($"dig {way} printed \"{printed?.Trim() ?? "nothing"}\"");
            }

            await tick.WaitForNextTickAsync(cut);
        }
    }

    /// <summary>The same identifier and question, no error, and the address at the end.</summary>
    private static bool IsAnswer(ReadOnlySpan<byte> answer, ReadOnlySpan<byte> question) =>
        answer.Length > question.Length
        && answer[..2].SequenceEqual(question[..2])
        && (answer[3] & 0x0f) == 0
        && answer[Head..question.Length].SequenceEqual(question[Head..])
        && answer[^4..].SequenceEqual(IPAddress.Parse(Answer).GetAddressBytes());

    private static byte[] Question(ushort id)
    {
        var bytes = new List<byte>();
        void Add(ushort number)
        {
            Span<byte> two = stackalloc byte[2];
            BinaryPrimitives.WriteUInt16BigEndian(two, number);
            bytes.AddRange(two);
        }

        Add(id);
        Add(0x0100);
        Add(1);
        Add(0);
        Add(0);
        Add(0);
        foreach (var label in $"name-{id}.{Zone}".Split('.'))
        {
            bytes.Add((byte)label.Length);
            bytes.AddRange(Encoding.ASCII.GetBytes(label));
        }

        bytes.Add(0);
        Add(1);
        Add(1);
        return [.. bytes];
    }
}

using System.Net;
using System.Text.Json;
using Portunus.Soaks.Verdicts;

namespace Portunus.Soaks.Datagrams;

/// <summary>iperf3 with UDP, one way and the other in turns. Its control connection takes a TCP rule on the same port number.</summary>
internal sealed class IperfDatagrams(IPEndPoint place, Findings findings)
{
    private const string Rate = "2M";
    private const int Length = 1200;
    private const int Turn = 20;
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(25);

    /// <summary>Datagrams that one side sent while the other counted.</summary>
    public long Sent { get; private set; }

    public long Lost { get; private set; }

    public int Turns { get; private set; }

    /// <summary>Starts the server; it listens once it has written a line.</summary>
    public static SideProgram StartServer(IPEndPoint place) => SideProgram.Start("iperf3", "-s", "--forceflush", "-B", $"{place.Address}", "-p", $"{place.Port}");

    public async Task RunAsync(int seconds, CancellationToken over, CancellationToken cut)
    {
        var turn = Math.Clamp(seconds / 4, 1, Turn);
        while (!over.IsCancellationRequested)
        {
            string[] way = Turns % 2 == 1 ? ["-R"] : [];
            var printed = await SideProgram.PrintedAsync(
                "iperf3",
                ["-c", $"{place.Address}", "-p", $"{place.Port}", "-u", "-b", Rate, "-l", $"{Length}", "-w", "1M", "-t", $"{turn}", "-J", .. way],
                TimeSpan.FromSeconds(turn + 20),
                cut);
            if (printed is null)
            {
                findings.Add($"iperf3 turn {Turns + 1} failed");
            }
            else
            {
                Count(printed);
            }

            Turns++;
            await Task.WhenAny(Task.Delay(turn < Turn ? TimeSpan.FromSeconds(1) : s_pause, cut), Task.Delay(Timeout.Infinite, over));
        }
    }

    private void Count(string json)
    {
        using var document = JsonDocument.Parse(json);
        if (!document.RootElement.TryGetProperty("end", out var end) || !end.TryGetProperty("sum", out var sum))
        {
            findings.Add($"iperf3 turn {Turns + 1}: {(document.RootElement.TryGetProperty("error", out var error) ? error.GetString() : "no sums")}");
            return;
        }

        Sent += sum.GetProperty("packets").GetInt64();
        Lost += sum.GetProperty("lost_packets").GetInt64();
    }
}

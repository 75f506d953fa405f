using System.Net;
using System.Net.Sockets;
using Portunus.Load;
using Portunus.Load.Datagrams;
using Portunus.Load.Machine;
using Portunus.Load.Results;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Tools.Load;

/// <summary>How the datagram loads keep time, and what they make of what they saw.</summary>
public sealed class DatagramTests
{
    private const long Frequency = 1_000_000;

    [Theory]
    [InlineData(104_167, 16)]
    [InlineData(1_562, 1)]
    [InlineData(1_250_000, Pace.MostAtOnce)]
    public void Pace_Burst_IsWhatFallsDueInAMoment(double perSecond, int burst) => Assert.Equal(burst, new Pace(perSecond, Frequency, 0).Burst);

    [Fact]
    public void Pace_OnTime_KeepsTheRate()
    {
        var pace = new Pace(100_000, Frequency, 0);
        var (now, sent) = (0L, 0);
        for (; pace.Next < Frequency; sent += pace.Burst)
        {
            now = Math.Max(now, pace.Next);
            pace.Left(now);
        }

        Assert.InRange(sent, 99_900, 100_100);
    }

    [Fact]
    public void Pace_ALittleLate_CatchesUpAtTwiceTheRate()
    {
        var pace = new Pace(100_000, Frequency, 0);
        var interval = pace.Burst * 10;
        pace.Left(1000);

        Assert.Equal(1000 + (interval / 2), pace.Next);
        var now = pace.Next;
        while (pace.Next == now)
        {
            pace.Left(now);
            now += interval / 2;
        }

        Assert.InRange(now, 1800, 2100);
    }

    [Fact]
    public void Pace_VeryLate_IsForgivenAndNotSent()
    {
        var pace = new Pace(100_000, Frequency, 0);
        pace.Left(500_000);
        var sent = 0;
        for (var now = pace.Next; now < 600_000; now = Math.Max(now, pace.Next))
        {
            pace.Left(now);
            sent += pace.Burst;
        }

        Assert.InRange(sent, 10_000, 10_600);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0.004, 0, 0)]
    [InlineData(0.5, 0, 0.5)]
    [InlineData(0, 3, -3)]
    [InlineData(5, 3, 2)]
    [InlineData(3, 3, LossCheck.Unit)]
    public void LossCheck_Excess_IsKeptWithoutLossOrWithLess(double ours, double theirs, double excess) =>
        Assert.Equal(excess, LossCheck.Excess(ours, theirs), 9);

    [Fact]
    public void EchoResult_Within_IsTheTimeOfThatShare()
    {
        var result = new EchoResult(125, [.. Enumerable.Range(1, 100).Select(value => (double)value)]);

        Assert.Equal((50, 99, 100, 20), (result.Within(0.5), result.Within(0.99), result.Within(1), result.LossPercent));
        Assert.Equal(double.NaN, new EchoResult(3, []).Within(0.5));
    }

    [Fact]
    public void DatagramResult_Shares_AreOfWhatLeft()
    {
        var result = new DatagramResult(1000, 8e6, Sent: 900, Seconds: 1, Received: 450, Wrong: 0, Reordered: 0, DroppedBySink: 0);

        Assert.Equal(50, result.LossPercent);
        Assert.Equal(0.9, result.SentShare, 9);
    }

    [Fact]
    public void BoundPorts_Table_GivesPortsAndDrops()
    {
        const string Table = """
               sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
              344: 0100007F:1BBD 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1501 2 0000000000000000 17
              345: 00000000000000000000000000000000:0035 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1502 2 0000000000000000 0
            """;

        Assert.Equal([(7101, 17L), (53, 0L)], BoundPorts.Parse(Table));
    }

    [Fact]
    public void UdpCells_Figures_AreDistinct() =>
        Assert.Equal(UdpCell.All.Count, UdpCell.All.Select(cell => cell.Figure("loss")).Distinct().Count());

    [RootFact]
    public void DatagramLoad_WithoutAForwarder_CountsWhatWasSentOnce() => NetworkNamespace.Run(() =>
    {
        using var sink = new DatagramSink(7101);
        using var load = new DatagramLoad(sink);

        load.OpenFlowsAsync(7101, 100, CancellationToken.None).GetAwaiter().GetResult();
        var result = load.RunAsync(7101, 100, 200, 4e6, TimeSpan.FromSeconds(0.2), CancellationToken.None).GetAwaiter().GetResult();

        Assert.InRange(result.Sent, 1, 500);
        Assert.Equal((result.Sent, 0, 0), (result.Received, result.Wrong, result.Reordered));
    });

    [RootFact]
    public void DatagramLoad_RelayThatDropsAndDoubles_IsFoundOut() => NetworkNamespace.Run(() =>
    {
        using var sink = new DatagramSink(7101);
        using var load = new DatagramLoad(sink);
        using var relay = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        relay.Bind(new IPEndPoint(IPAddress.Loopback, 7111));
        var relaying = Task.Run(() =>
        {
            // The first of four is dropped, the second sent twice; and all flows leave by one leg.
            var buffer = new byte[2000];
            for (var number = 0; ; number++)
            {
                var length = relay.Receive(buffer);
                for (var times = (number % 4) switch { 0 => 0, 1 => 2, _ => 1 }; times > 0 && length > 0; times--)
                {
                    relay.SendTo(buffer.AsSpan(0, length), new IPEndPoint(IPAddress.Loopback, 7101));
                }

                if (length == 0)
                {
                    return;
                }
            }
        });

        var result = load.RunAsync(7111, 2, 1200, 4e6, TimeSpan.FromSeconds(0.2), CancellationToken.None).GetAwaiter().GetResult();
        relay.SendTo([], relay.LocalEndPoint!);
        relaying.WaitAsync(TimeSpan.FromSeconds(30)).GetAwaiter().GetResult();

        Assert.InRange(result.LossPercent, 20, 30);
        Assert.InRange(result.Wrong, 1 + (result.Sent / 4), result.Sent);
    });

    [RootFact]
    public void Echo_AskedByAllLoads_AnswersEach() => NetworkNamespace.Run(() =>
    {
        using var echo = new Echo(7102);
        using var idle = new IdleSources();

        var result = EchoLoad.RunAsync(7102, TimeSpan.FromSeconds(0.1), CancellationToken.None).GetAwaiter().GetResult();
        Assert.NotEqual(0, result.Asked);
        Assert.Equal(0, result.LossPercent);
        idle.OpenAsync(7102, 0, 300, CancellationToken.None).GetAwaiter().GetResult();
        Assert.Throws<InvalidOperationException>(() => idle.OpenAsync(7103, 0, 1, CancellationToken.None).GetAwaiter().GetResult());
    });
}

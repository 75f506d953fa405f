using Portunus.Load.Loads;
using Portunus.Load.Machine;

namespace Portunus.Tests.Tools.Load;

/// <summary>What the kernel and the load programs print, read.</summary>
public sealed class ReadingTests
{
    [Fact]
    public void Cpu_Schedstat_IsItsFirstField() => Assert.Equal(42_683_000_111, CpuReading.Parse("42683000111 44226 1\n"));

    [Fact]
    public void Cpu_SinceEarlier_CountsNewThreadsWholeAndEndedOnesNot()
    {
        var before = CpuReading.Of((1, 1_000_000_000), (2, 5_000_000_000));
        var after = CpuReading.Of((1, 1_500_000_000), (3, 250_000_000));

        Assert.Equal(0.75, after.SecondsSince(before), 9);
    }

    [Fact]
    public void Cpu_OfThisProcess_Grows()
    {
        var before = CpuReading.Take([Environment.ProcessId]);
        var sum = 0L;
        while (CpuReading.Take([Environment.ProcessId]).SecondsSince(before) <= 0)
        {
            sum++;
        }

        Assert.True(sum >= 0);
    }

    [Fact]
    public void MachineCpu_StatLine_IsAllButIdleAndWaiting()
    {
        var before = MachineCpu.Parse("cpu  100 10 50 9000 7 3 4 20 30 0");
        var after = MachineCpu.Parse("cpu  200 10 150 9900 9 3 4 25 60 0");

        Assert.Equal(167, before.BusyTicks);
        Assert.Equal(2.0, after.SecondsSince(before), 9);
        Assert.Equal(0.05, after.StolenSecondsSince(before), 9);
    }

    [Fact]
    public void Memory_Status_IsReadByField()
    {
        var reading = MemoryReading.Parse("Name:\tedge\nVmHWM:\t   9999 kB\nVmRSS:\t   35144 kB\nRssAnon:\t    6500 kB\nRssFile:\t   28644 kB\n");

        Assert.Equal(new MemoryReading(35144, 6500, 28644), reading);
    }

    [Fact]
    public void ListeningPorts_Table_GivesOnlyListeners()
    {
        const string Table = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:1B59 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0000000000000000 100 0 0 10 0
               1: 0100007F:1B5A 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0000000000000000 20 4 30 10 -1
               2: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 3
            """;

        Assert.Equal([7001, 22], ListeningPorts.Parse(Table));
    }

    [Fact]
    public void Bulk_ReceiversJson_GivesBytesRateAndIntervals()
    {
        const string Json = """
            { "start": {}, "intervals": [
                { "streams": [], "sum": { "start": 0, "end": 1.0, "seconds": 1.0, "bytes": 300, "omitted": false } },
                { "streams": [], "sum": { "start": 1.0, "end": 2.0, "seconds": 1.0, "bytes": 100, "omitted": false } },
                { "streams": [], "sum": { "start": 2.0, "end": 3.0, "seconds": 1.0, "bytes": 120, "omitted": false } },
                { "streams": [], "sum": { "start": 3.0, "end": 3.01, "seconds": 0.01, "bytes": 50, "omitted": false } } ],
              "end": { "sum_received": { "start": 0, "end": 3.01, "bytes": 570, "bits_per_second": 1514.95 } } }
            """;

        var result = BulkResult.Parse(Json);

        Assert.Equal(570, result.Bytes);
        Assert.Equal(1514.95, result.BitsPerSecond);
        Assert.Equal(110, result.RateFrom(1), 9);
    }

    [Fact]
    public void Bulk_JsonWithAnError_SaysIt() =>
        Assert.Contains("unable to connect", Assert.Throws<InvalidOperationException>(() => BulkResult.Parse("""{ "error": "unable to connect" }""")).Message, StringComparison.Ordinal);

    [Fact]
    public void Requests_WrksText_GivesCountRateLatenessAndErrors()
    {
        const string Text = """
            Running 3s test @ http://127.0.0.1:7002/
              1 threads and 32 connections
              Latency Distribution
                 50%  402.00us
                 75%  512.00us
                 90%    0.98ms
                 99%    2.10ms
              165774 requests in 3.00s, 26.24MB read
              Socket errors: connect 0, read 2, write 0, timeout 1
              Non-2xx or 3xx responses: 4
            Requests/sec:  55258.12
            Transfer/sec:      8.75MB
            """;

        Assert.Equal(new RequestResult(165774, 55258.12, 2.10, 7), RequestResult.Parse(Text));
    }

    [Theory]
    [InlineData("950.00us", 0.95)]
    [InlineData("1.20s", 1200)]
    public void Requests_LatenessUnits_BecomeMilliseconds(string written, double expected) =>
        Assert.Equal(expected, RequestResult.Parse($"99% {written}\n 1 requests in 3s\nRequests/sec: 1.0").P99Ms, 9);

    [Fact]
    public void Requests_OtherText_IsRefused() => Assert.Throws<FormatException>(() => RequestResult.Parse("wrk: unable to resolve"));

    [Theory]
    [InlineData(8000, 20000, 8000)]
    [InlineData(8000, 4096, 1548)]
    [InlineData(8000, 512, 0)]
    public void DescriptorLimit_OfOpenFiles_BoundsFlows(int wanted, long limit, int expected) =>
        Assert.Equal(expected, DescriptorLimit.Affordable(wanted, 2, limit));
}

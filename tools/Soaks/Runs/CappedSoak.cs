using System.Net;
using Portunus.Soaks.Edges;
using Portunus.Soaks.Streams;
using Portunus.Soaks.Verdicts;

namespace Portunus.Soaks.Runs;

/// <summary>
/// A rule with a cap each way and more to send than it lets through. Over every window, by the edge's own clock and counters,
/// the cap is what passes; and when a reload changes it under the live flows, the next window has the new one and no burst.
/// </summary>
internal sealed class CappedSoak
{
    public const string Name = "capped";
    private const double Tolerance = 0.02;

    /// <summary>Beside other work a window may fall short for want of CPU; above its tokens it can never be.</summary>
    private const double BusyTolerance = 0.25;
    private const int WindowSeconds = 10;
    private const int ShortWindowSeconds = 3;
    private const int StreamCount = 3;

    private static readonly long[] s_rates = [20_000_000, 5_000_000, 40_000_000, 20_000_000];

    private readonly SoakOptions _options;
    private readonly Findings _findings = new();
    private readonly SoakAddresses _addresses = new();
    private readonly TimeSpan _window;
    private readonly double _short;
    private double _worst;
    private int _windows;

    private CappedSoak(SoakOptions options)
    {
        _options = options;
        var isShort = options.Seconds < s_rates.Length * (WindowSeconds + 2);
        _window = TimeSpan.FromSeconds(isShort ? ShortWindowSeconds : WindowSeconds);
        _short = options.BytesPerSecond > 0 ? BusyTolerance : Tolerance;
    }

    public static async Task<Verdict> RunAsync(SoakOptions options, CancellationToken cut)
    {
        var soak = new CappedSoak(options);
        return new Verdict(Name, await soak.RunAsync(cut), soak._findings);
    }

    private async Task<string> RunAsync(CancellationToken cut)
    {
        var book = new StreamBook(_options.Seed, _findings);
        var changes = 0;
        try
        {
            var place = Rule(s_rates[0]).Targets[0];
            await using var target = new StreamTarget(place.ToString(), place, book);
            await using var edge = await SoakedEdge.StartAsync(_options.Program, SoakRule.File([Rule(Rate(0))]), new HashSet<string>(), cut);
            using var finish = new CancellationTokenSource();
            var streams = Enumerable.Range(0, StreamCount).Select(_ => RunStreamAsync(book, target.Name, finish.Token, cut)).ToArray();
            try
            {
                var each = Math.Max(1, (int)(_options.Seconds / _window.TotalSeconds / s_rates.Length));
                for (var i = 0; i < s_rates.Length; i++)
                {
                    if (i > 0)
                    {
                        await edge.ReplaceAsync(SoakRule.File([Rule(Rate(i))], $"rate-{i}"), $"rate-{i}", cut);
                        changes++;
                    }
                    else
                    {
                        // The first burst passes, and does not come again.
                        await edge.UntilAsync(look => look.Rules[Name].BytesIn > 2 * Burst(0) && look.Rules[Name].BytesOut > 2 * Burst(0), "the burst has passed", cut);
                    }

                    await WindowsAsync(edge, i, each, cut);
                }
            }
            finally
            {
                await finish.CancelAsync();
            }

            await Task.WhenAll(streams).WaitAsync(TimeSpan.FromMinutes(1), cut);
            var last = await edge.UntilAsync(look => look.Active == 0, "all flows have ended", cut);
            Ledger.Expect(last, [Rule(0)], book, _findings);
            await edge.StopAsync(_findings);
        }
        catch (Exception error) when (error is SoakException or TimeoutException)
        {
            _findings.Add(error.Message);
        }

        return $"{_windows} windows of {_window.TotalSeconds:0} s each way, {changes} changes of the cap, worst {Quantity.Percent(_worst)} (at most ±{_short * 100:0} %), {Quantity.OfBytes(book.BytesChecked)} checked";
    }

    private async Task WindowsAsync(SoakedEdge edge, int index, int count, CancellationToken cut)
    {
        var from = await edge.LookAsync(cut);
        for (; count > 0; count--)
        {
            await Task.Delay(_window, cut);
            var to = await edge.LookAsync(cut);
            Check("in", index, to.Uptime - from.Uptime, to.Rules[Name].BytesIn - from.Rules[Name].BytesIn);
            Check("out", index, to.Uptime - from.Uptime, to.Rules[Name].BytesOut - from.Rules[Name].BytesOut);
            from = to;
            _windows++;
        }
    }

    private void Check(string way, int index, TimeSpan took, long bytes)
    {
        var wanted = Rate(index) * took.TotalSeconds;
        var off = (bytes / wanted) - 1;
        _worst = Math.Abs(off) > Math.Abs(_worst) ? off : _worst;
        // What a starved edge did not send in one window it may send in the next, as far as its bucket holds it.
        var most = (wanted * (1 + Tolerance)) + (_short > Tolerance ? Burst(index) : 0);
        _findings.Expect(
            bytes <= most && off >= -_short,
            $"{Rate(index)} bytes/s {way}: {bytes} bytes in {took.TotalSeconds:0.000} s are {Quantity.Percent(off)}");
    }

    private async Task RunStreamAsync(StreamBook book, string target, CancellationToken finish, CancellationToken cut)
    {
        var stream = book.Open(Name, [target], new StreamShape { Kind = "capped", HasSmallBuffers = true }, finish);
        await stream.RunAsync(Rule(0).Place, cut);
        book.Close(stream);
    }

    private long Rate(int index) => _options.BytesPerSecond > 0 ? s_rates[index] * _options.BytesPerSecond / s_rates.Max() : s_rates[index];

    private long Burst(int index) => Rate(index) / 10;

    private SoakRule Rule(long rate) => new()
    {
        Name = Name,
        Address = _addresses[1],
        Port = SoakAddresses.FirstPort,
        Targets = [new IPEndPoint(_addresses[2], SoakAddresses.FirstPort)],
        Limits = new Dictionary<string, long>
        {
            ["bytes_per_second_in"] = rate,
            ["bytes_per_second_out"] = rate,
            ["burst_bytes_in"] = rate / 10,
            ["burst_bytes_out"] = rate / 10,
        },
    };
}

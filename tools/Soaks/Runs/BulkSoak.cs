using System.Diagnostics;
using System.Net;
using Portunus.Soaks.Edges;
using Portunus.Soaks.Streams;
using Portunus.Soaks.Verdicts;

namespace Portunus.Soaks.Runs;

/// <summary>
/// Ten gibibytes through one rule, half each way: not one garbage collection, not one wrong byte, and memory as before.
/// Smaller streams first warm up what is made once.
/// </summary>
internal sealed class BulkSoak
{
    public const string Name = "bulk";
    private const long FullBytes = 10L * 1024 * 1024 * 1024;
    private const long WarmBytes = 64 * 1024 * 1024;

    /// <summary>With pauses between them, in which the runtime compiles what runs often once more.</summary>
    private const int WarmUps = 8;
    private const int Streams = 4;
    private static readonly TimeSpan s_betweenWarmUps = TimeSpan.FromMilliseconds(300);

    public static async Task<Verdict> RunAsync(SoakOptions options, CancellationToken cut)
    {
        var findings = new Findings();
        var book = new StreamBook(options.Seed, findings);
        var addresses = new SoakAddresses();
        var rule = new SoakRule
        {
            Name = Name,
            Address = addresses[1],
            Port = SoakAddresses.FirstPort,
            Targets = [new IPEndPoint(addresses[2], SoakAddresses.FirstPort)],
        };
        await using var target = new StreamTarget(rule.Targets[0].ToString(), rule.Targets[0], book);
        await using var edge = await SoakedEdge.StartAsync(options.Program, SoakRule.File([rule]), new HashSet<string>(), cut);
        try
        {
            var total = (long)(FullBytes * options.Scale);
            for (var i = 0; i < WarmUps; i++)
            {
                await StreamsAsync(Math.Min(WarmBytes, total), 0);
                await Task.Delay(s_betweenWarmUps, cut);
            }

            var (before, resident) = (await edge.LookAsync(cut), edge.ResidentBytes);
            var watch = Stopwatch.StartNew();
            var relayed = book.BytesChecked;
            await StreamsAsync(total, options.BytesPerSecond);
            relayed = book.BytesChecked - relayed;
            var seconds = watch.Elapsed.TotalSeconds;
            var (after, grown) = (await edge.LookAsync(cut), ((double)edge.ResidentBytes / resident) - 1);
            findings.Expect(after.Collections == before.Collections, $"{after.Collections - before.Collections} garbage collections while {Quantity.OfBytes(relayed)} were relayed");
            findings.Expect(grown <= Growth.Allowed(options), $"resident memory went from {Quantity.OfBytes(resident)} to {Quantity.OfBytes(edge.ResidentBytes)}");
            after = await edge.UntilAsync(look => look.Active == 0, "all flows have ended", cut);
            Ledger.Expect(after, [rule], book, findings);
            await edge.StopAsync(findings);
            return new Verdict(
                Name,
                $"{seconds:0} s, {Quantity.OfBytes(relayed)} relayed and checked, {Quantity.OfBytes((long)(relayed / seconds))}/s, "
                + $"{after.Collections - before.Collections} garbage collections, resident {Quantity.OfBytes(resident)} ({Quantity.Percent(grown)})",
                findings);
        }
        catch (SoakException error)
        {
            findings.Add(error.Message);
            return new Verdict(Name, "not finished", findings);
        }

        Task StreamsAsync(long bytes, long bytesPerSecond) => Task.WhenAll(Enumerable.Range(0, Streams).Select(async i =>
        {
            var length = bytes / Streams;
            var stream = book.Open(
                rule.Name,
                [target.Name],
                new StreamShape { Kind = "bulk", BytesIn = i % 2 == 0 ? length : 1, BytesOut = i % 2 == 0 ? 1 : length, BytesPerSecond = bytesPerSecond / Streams },
                CancellationToken.None);
            await stream.RunAsync(rule.Place, cut);
            book.Close(stream);
        }));
    }
}

using System.Diagnostics;
using System.Globalization;

namespace Portunus.Load.Control;

/// <summary>
/// The control plane with a store of some size: rules by the API, then medians of what people and programs do all day, beside what is
/// promised of them. Told, and judged only where that is asked for: the machine decides half of it.
/// </summary>
internal static class ControlRun
{
    public const string Verb = "control";

    private const string JudgeFlag = "--judge";
    private const double MostMs = 50;
    private const double MostMiB = 250;
    private const double MostSeconds = 3;

    public static async Task<int> RunAsync(string[] arguments, CancellationToken cancel)
    {
        var isJudged = arguments.Contains(JudgeFlag);
        if (arguments.Where(word => word != JudgeFlag).ToArray() is not [var program, .. var words] || !File.Exists(program) || Sizes(words) is not var (rules, edges))
        {
            await Console.Error.WriteLineAsync($"usage: tools/load-control [RULES [EDGES]] [{JudgeFlag}]   (default 10000 100; {JudgeFlag}: exit 1 where a promise is missed)");
            return 2;
        }

        // Not in the temporary folder, which may be memory: the store refuses that.
        var folder = Directory.CreateDirectory($"/var/tmp/portunus-load-{Guid.NewGuid().ToString("N")[..8]}").FullName;
        try
        {
            var missed = new List<string>();
            await MeasureAsync(program, folder, rules, edges, missed, cancel);
            Console.WriteLine(missed.Count == 0 ? "every promise is kept" : $"missed: {string.Join("; ", missed)}");
            return isJudged && missed.Count > 0 ? 1 : 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (int Rules, int Edges)? Sizes(string[] words)
    {
        var numbers = words.Select(word => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : 0).ToArray();
        return numbers switch
        {
            [] => (10_000, 100),
            [> 0 and var rules] => (rules, 100),
            [> 0 and var rules, > 0 and var edges] => (rules, edges),
            _ => null,
        };
    }

    private static async Task MeasureAsync(string program, string folder, int rules, int edges, List<string> missed, CancellationToken cancel)
    {
        var loadBefore = await File.ReadAllTextAsync("/proc/loadavg", cancel);
        string token;
        await using (var web = await ControlProcess.StartAsync(program, folder, 0, cancel))
        {
            Tell("cold start to ready, empty store", web.StartTime.TotalSeconds, "s", MostSeconds, "", missed);
            token = await web.FirstTokenAsync(cancel);
            using var calls = new ControlCalls(web.Address, token);
            await FillAsync(calls, rules, edges, cancel);
            await OftenAsync(calls, rules, missed, cancel);
            Tell("resident memory after that", web.ResidentMiB, "MiB", MostMiB, "", missed);
        }

        await using (var web = await ControlProcess.StartAsync(program, folder, 0, cancel))
        {
            Tell($"cold start to ready, {rules} rules", web.StartTime.TotalSeconds, "s", MostSeconds, "", missed);
        }

        Console.WriteLine($"load average before and after: {loadBefore.Trim()} | {(await File.ReadAllTextAsync("/proc/loadavg", cancel)).Trim()}; {Environment.ProcessorCount} CPUs");
    }

    private static async Task FillAsync(ControlCalls calls, int rules, int edges, CancellationToken cancel)
    {
        var ids = new List<string>();
        for (var i = 0; i < edges; i++)
        {
            ids.Add(await calls.CreateAsync("/v1/edges", new { name = $"edge-{i:D3}" }, cancel));
        }

        var watch = Stopwatch.StartNew();
        await Parallel.ForAsync(0, rules, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancel }, async (i, stop) =>
            await calls.CreateAsync("/v1/rules", new { edge = ids[i % edges], name = $"rule-{i:D5}", listen_port = 1024 + (i / edges), target = $"10.0.{i / 250}.{(i % 250) + 1}:80" }, stop));
        Console.WriteLine($"{$"{rules} rules over {edges} edges, 4 at a time",-44} {watch.Elapsed.TotalSeconds,8:F1} s     ({rules / watch.Elapsed.TotalSeconds:F0} a second)");
        calls.Edge = ids[edges / 2];
    }

    private static async Task OftenAsync(ControlCalls calls, int rules, List<string> missed, CancellationToken cancel)
    {
        var deep = await calls.CursorAfterAsync("/v1/rules?limit=100", Math.Max(1, rules / 200), cancel);
        var own = await calls.CreateAsync("/v1/rules", new { edge = calls.Edge, name = "own", listen_port = 60000, target = "10.9.9.9:80" }, cancel);
        var port = 60001;
        await TellAsync("first page of 100 rules", () => calls.GetAsync("/v1/rules?limit=100", cancel), missed);
        await TellAsync("a page from the middle", () => calls.GetAsync($"/v1/rules?limit=100{(deep.Length == 0 ? "" : $"&cursor={deep}")}", cancel), missed);
        await TellAsync("rules of one edge", () => calls.GetAsync($"/v1/rules?limit=100&edge={calls.Edge}", cancel), missed);
        await TellAsync("search for a name", () => calls.GetAsync("/v1/rules?limit=100&q=rule-0077", cancel), missed);
        await TellAsync("search that finds nothing", () => calls.GetAsync("/v1/rules?limit=100&q=nowhere", cancel), missed);
        await TellAsync("sorted by name", () => calls.GetAsync("/v1/rules?limit=100&sort=name", cancel), missed);
        await TellAsync("one rule", () => calls.GetAsync($"/v1/rules/{own}", cancel), missed);
        await TellAsync("edges", () => calls.GetAsync("/v1/edges?limit=100", cancel), missed);
        await TellAsync("audit, first page", () => calls.GetAsync("/v1/audit?limit=100", cancel), missed);
        await TellAsync("audit of one action", () => calls.GetAsync("/v1/audit?limit=100&action=edge.*", cancel), missed);
        await TellAsync("changing a rule", () => calls.PatchAsync($"/v1/rules/{own}", new { listen_port = ++port }, cancel), missed);
        await TellAsync("creating a rule", () => calls.CreateAsync("/v1/rules", new { edge = calls.Edge, listen_port = ++port, target = "10.9.9.9:80" }, cancel), missed);
    }

    private static async Task TellAsync(string what, Func<Task> once, List<string> missed)
    {
        const int Times = 100;
        for (var i = 0; i < 10; i++)
        {
            await once();
        }

        var took = new double[Times];
        for (var i = 0; i < Times; i++)
        {
            var from = Stopwatch.GetTimestamp();
            await once();
            took[i] = Stopwatch.GetElapsedTime(from).TotalMilliseconds;
        }

        Array.Sort(took);
        Tell(what, took[Times / 2], "ms", MostMs, $", 95 of 100 within {took[94]:F1}", missed);
    }

    private static void Tell(string what, double value, string unit, double most, string more, List<string> missed)
    {
        if (value > most)
        {
            missed.Add(string.Create(CultureInfo.InvariantCulture, $"{what} {value:F1} {unit}"));
        }

        Console.WriteLine($"{what,-44} {value,8:F2} {unit,-3} ({(value > most ? "MISSED, " : "")}promise {most:F0}{more})");
    }
}

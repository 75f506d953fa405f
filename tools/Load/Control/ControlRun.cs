using System.Diagnostics;
using System.Globalization;

namespace Portunus.Load.Control;

/// <summary>
/// The control plane with a store of some size: rules by the API, then medians of what people and programs do all day. Told, not
/// judged: the machine decides half of it.
/// </summary>
internal static class ControlRun
{
    public const string Verb = "control";

    public static async Task<int> RunAsync(string[] arguments, CancellationToken cancel)
    {
        if (arguments is not [var program, .. var sizes] || sizes.Length > 2 || !File.Exists(program))
        {
            await Console.Error.WriteLineAsync("usage: tools/load-control [RULES [EDGES]]   (default 10000 100)");
            return 2;
        }

        var rules = sizes.Length > 0 ? int.Parse(sizes[0], CultureInfo.InvariantCulture) : 10_000;
        var edges = sizes.Length > 1 ? int.Parse(sizes[1], CultureInfo.InvariantCulture) : 100;
        // Not in the temporary folder, which may be memory: the store refuses that.
        var folder = Directory.CreateDirectory($"/var/tmp/portunus-load-{Guid.NewGuid().ToString("N")[..8]}").FullName;
        try
        {
            await MeasureAsync(program, folder, rules, edges, cancel);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureAsync(string program, string folder, int rules, int edges, CancellationToken cancel)
    {
        var loadBefore = await File.ReadAllTextAsync("/proc/loadavg", cancel);
        string token;
        await using (var web = await ControlProcess.StartAsync(program, folder, cancel))
        {
            Tell("cold start to ready, empty store", web.StartTime);
            token = await web.FirstTokenAsync(cancel);
            using var calls = new ControlCalls(web.Address, token);
            await FillAsync(calls, rules, edges, cancel);
            await OftenAsync(calls, rules, cancel);
            Console.WriteLine($"{"resident memory after that",-44} {web.ResidentMiB,8:F0} MiB   (promise: at most 250)");
        }

        await using (var web = await ControlProcess.StartAsync(program, folder, cancel))
        {
            Tell($"cold start to ready, {rules} rules", web.StartTime);
            Console.WriteLine("(promise: at most 3 s)");
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

    private static async Task OftenAsync(ControlCalls calls, int rules, CancellationToken cancel)
    {
        var deep = await calls.CursorAfterAsync("/v1/rules?limit=100", Math.Max(1, rules / 200), cancel);
        var own = await calls.CreateAsync("/v1/rules", new { edge = calls.Edge, name = "own", listen_port = 60000, target = "10.9.9.9:80" }, cancel);
        var port = 60001;
        await TellAsync("first page of 100 rules", () => calls.GetAsync("/v1/rules?limit=100", cancel));
        await TellAsync("a page from the middle", () => calls.GetAsync($"/v1/rules?limit=100&cursor={deep}", cancel));
        await TellAsync("rules of one edge", () => calls.GetAsync($"/v1/rules?limit=100&edge={calls.Edge}", cancel));
        await TellAsync("search for a name", () => calls.GetAsync("/v1/rules?limit=100&q=rule-0077", cancel));
        await TellAsync("search that finds nothing", () => calls.GetAsync("/v1/rules?limit=100&q=nowhere", cancel));
        await TellAsync("sorted by name", () => calls.GetAsync("/v1/rules?limit=100&sort=name", cancel));
        await TellAsync("one rule", () => calls.GetAsync($"/v1/rules/{own}", cancel));
        await TellAsync("edges", () => calls.GetAsync("/v1/edges?limit=100", cancel));
        await TellAsync("audit, first page", () => calls.GetAsync("/v1/audit?limit=100", cancel));
        await TellAsync("audit of one action", () => calls.GetAsync("/v1/audit?limit=100&action=edge.*", cancel));
        await TellAsync("changing a rule", () => calls.PatchAsync($"/v1/rules/{own}", new { listen_port = ++port }, cancel));
        await TellAsync("creating a rule", () => calls.CreateAsync("/v1/rules", new { edge = calls.Edge, listen_port = ++port, target = "10.9.9.9:80" }, cancel));
    }

    private static async Task TellAsync(string what, Func<Task> once)
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
        Console.WriteLine($"{what,-44} {took[Times / 2],8:F1} ms    (95 of 100 within {took[94]:F1})");
    }

    private static void Tell(string what, TimeSpan time) => Console.WriteLine($"{what,-44} {time.TotalSeconds,8:F2} s");
}

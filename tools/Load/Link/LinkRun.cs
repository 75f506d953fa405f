using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Portunus.Load.Control;
using Portunus.Shared.Link;

namespace Portunus.Load.Link;

/// <summary>
/// Many edges on one control plane: simulated ones, all in this process, each with some rules and a batch of samples a second. How
/// long a change takes, what it costs, and how they come back after a restart.
/// </summary>
internal static class LinkRun
{
    public const string Verb = "link";

    private const string Usage = "usage: tools/load-link [EDGES [RULES-EACH]]   (default 1000 10)";

    public static async Task<int> RunAsync(string[] arguments, CancellationToken cancel)
    {
        if (arguments is not [var program, .. var sizes] || sizes.Length > 2 || !File.Exists(program)
            || sizes.Any(size => !int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > 60_000))
        {
            await Console.Error.WriteLineAsync(Usage);
            return 2;
        }

        var numbers = sizes.Select(size => int.Parse(size, CultureInfo.InvariantCulture)).ToArray();
        // Not in the temporary folder, which may be memory: the store refuses that.
        var folder = Directory.CreateDirectory($"/var/tmp/portunus-load-{Guid.NewGuid().ToString("N")[..8]}").FullName;
        try
        {
            await MeasureAsync(program, folder, numbers.ElementAtOrDefault(0) is > 0 and var edges ? edges : 1000, numbers.ElementAtOrDefault(1) is > 0 and var rules ? rules : 10, cancel);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureAsync(string program, string folder, int edges, int rulesEach, CancellationToken cancel)
    {
        var loadBefore = await File.ReadAllTextAsync("/proc/loadavg", cancel);
        var port = FreePort();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var pins = new HashSet<ServerPin>();
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                    certificate is X509Certificate2 shown && pins.Contains(ServerPin.Of(shown.PublicKey.ExportSubjectPublicKeyInfo())),
            },
        };
        using var http = new HttpMessageInvoker(handler);
        var isSampling = false;
        var web = await ControlProcess.StartAsync(program, folder, port, cancel);
        try
        {
            var token = await web.FirstTokenAsync(cancel);
            using var calls = new ControlCalls(web.Address, token);
            var (simulated, rules) = await FillAsync(calls, port, http, pins, edges, rulesEach, cancel);
            var watch = Stopwatch.StartNew();
            var running = Task.WhenAll(simulated.Select(edge => edge.RunAsync(() => Volatile.Read(ref isSampling), over.Token)));
            await WaitAsync(() => simulated.All(edge => edge.IsLinked && edge.Rules == rulesEach), TimeSpan.FromMinutes(3), cancel);
            Tell("all edges connected and with their plans", watch.Elapsed.TotalSeconds, "s", "");

            await TellPushesAsync("a change to its plan at the edge, no samples", calls, simulated, rules, 200, cancel);
            await TellReportsAsync("a change to its listening report, no samples", calls, rules, 200, cancel);
            Volatile.Write(ref isSampling, true);
            await Task.Delay(TimeSpan.FromSeconds(10), cancel);
            var (cpu, at) = (web.CpuTime, Stopwatch.StartNew());
            await Task.Delay(TimeSpan.FromSeconds(30), cancel);
            Tell("control plane's CPU with a batch a second each", (web.CpuTime - cpu) / at.Elapsed, "cores", "at most 1");
            await TellReportsAsync("a change to its listening report, with samples", calls, rules, 500, cancel);
            Tell("resident memory", web.ResidentMiB, "MiB", "at most 600");

            var attempts = simulated.Sum(edge => edge.Attempts);
            await web.DisposeAsync();
            watch.Restart();
            web = await ControlProcess.StartAsync(program, folder, port, cancel);
            var started = watch.Elapsed;
            await WaitAsync(() => simulated.All(edge => edge.IsLinked), TimeSpan.FromMinutes(3), cancel);
            Tell("all edges back after a restart that took", started.TotalSeconds, "s", "");
            Tell("  counted from when it could answer", (watch.Elapsed - started).TotalSeconds, "s", "at most 30");
            Tell("  attempts for each edge", (simulated.Sum(edge => edge.Attempts) - attempts) / (double)edges, "", "");
            await over.CancelAsync();
            await running;
            simulated.ForEach(edge => edge.Dispose());
        }
        finally
        {
            await over.CancelAsync();
            await web.DisposeAsync();
        }

        Console.WriteLine($"load average before and after: {loadBefore.Trim()} | {(await File.ReadAllTextAsync("/proc/loadavg", cancel)).Trim()}; {Environment.ProcessorCount} CPUs, the simulated edges on the same");
    }

    private static async Task<(List<SimulatedEdge> Edges, List<(int Edge, string Rule)> Rules)> FillAsync(
        ControlCalls calls, int port, HttpMessageInvoker http, HashSet<ServerPin> pins, int edges, int rulesEach, CancellationToken cancel)
    {
        var hub = new Uri(string.Create(CultureInfo.InvariantCulture, $"wss://127.0.0.1:{port}{LinkRoutes.Hub}"));
        var enrol = new Uri(string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{port}{LinkRoutes.Enroll}"));
        var simulated = new SimulatedEdge[edges];
        var rules = new string[edges * rulesEach];
        var watch = Stopwatch.StartNew();
        await Parallel.ForAsync(0, edges, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancel }, async (i, stop) =>
        {
            var id = await calls.CreateAsync("/v1/edges", new { name = string.Create(CultureInfo.InvariantCulture, $"edge-{i:D4}") }, stop);
            var line = (await calls.PostAsync($"/v1/edges/{id}/enrolments", new { }, stop)).GetProperty("uri").GetString();
            if (!EnrollUri.TryParse(line, out var uri, out var problem))
            {
                throw new InvalidOperationException(problem);
            }

            lock (pins)
            {
                pins.Add(uri.Pin);
            }

            simulated[i] = new SimulatedEdge(hub, await EnrolAsync(http, enrol, uri.Code, stop), http);
            for (var rule = 0; rule < rulesEach; rule++)
            {
                rules[(i * rulesEach) + rule] = await calls.CreateAsync("/v1/rules", new { edge = id, listen_port = 2000 + rule, target = "10.0.0.1:80" }, stop);
            }
        });
        Tell(string.Create(CultureInfo.InvariantCulture, $"{edges} edges enrolled, {rulesEach} rules each"), watch.Elapsed.TotalSeconds, "s", "");
        return ([.. simulated], [.. rules.Select((rule, at) => (at / rulesEach, rule))]);
    }

    private static async Task<string> EnrolAsync(HttpMessageInvoker http, Uri enrol, string code, CancellationToken cancel)
    {
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, enrol) { Content = JsonContent.Create(new EnrollRequest(code, "simulated", "0.0"), LinkJson.Default.EnrollRequest) };
            using var answer = await http.SendAsync(request, cancel);
            var text = await answer.Content.ReadAsStringAsync(cancel);
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
            {
                await Task.Delay(answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1), cancel);
                continue;
            }

            return answer.IsSuccessStatusCode && JsonSerializer.Deserialize(text, LinkJson.Default.EnrollReply) is { } reply
                ? reply.Credential
                : throw new InvalidOperationException($"enrolling: {(int)answer.StatusCode} {text}");
        }
    }

    /// <summary>From sending the request until the plan has arrived, one change at a time, each on an edge that was quiet.</summary>
    private static async Task TellPushesAsync(string what, ControlCalls calls, List<SimulatedEdge> edges, List<(int Edge, string Rule)> rules, int times, CancellationToken cancel)
    {
        var took = new double[times];
        for (var i = 0; i < times; i++)
        {
            var (edge, rule) = rules[(int)((long)i * 7919 % rules.Count)];
            var before = edges[edge].Plan.Number;
            var from = Stopwatch.GetTimestamp();
            await calls.PatchAsync($"/v1/rules/{rule}", Change(i), cancel);
            await WaitAsync(() => edges[edge].Plan.Number > before, TimeSpan.FromSeconds(20), cancel);
            took[i] = Stopwatch.GetElapsedTime(from, edges[edge].Plan.At).TotalMilliseconds;
        }

        Tell(what, took, "p50 at most 20");
    }

    /// <summary>From sending the request until its answer says that the edge listens by the new revision.</summary>
    private static async Task TellReportsAsync(string what, ControlCalls calls, List<(int Edge, string Rule)> rules, int times, CancellationToken cancel)
    {
        var took = new double[times];
        for (var i = 0; i < times; i++)
        {
            var rule = rules[(int)((long)(i + 31) * 7919 % rules.Count)].Rule;
            var from = Stopwatch.GetTimestamp();
            var answer = await calls.PatchAsync($"/v1/rules/{rule}?wait=20s", Change(i), cancel);
            took[i] = Stopwatch.GetElapsedTime(from).TotalMilliseconds;
            var applied = answer.GetProperty("status").GetProperty("applied");
            if (applied.GetProperty("state").GetString() != "listening" || applied.GetProperty("revision").GetInt64() != answer.GetProperty("revision").GetInt64())
            {
                throw new InvalidOperationException($"after 20 s the edge had not reported: {applied}");
            }
        }

        Tell(what, took, "p99 at most 250");
    }

    private static object Change(int i) => new { note = string.Create(CultureInfo.InvariantCulture, $"changed {Environment.TickCount64} {i}") };

    private static void Tell(string what, double[] took, string promise)
    {
        Array.Sort(took);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what,-50} p50 {took[took.Length / 2],7:F1} ms   p99 {took[(int)Math.Ceiling(took.Length * 0.99) - 1],7:F1} ms   longest {took[^1],7:F1} ms   ({promise})"));
    }

    private static void Tell(string what, double value, string unit, string promise) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-50} {value,11:F2} {unit}{(promise.Length > 0 ? $"   ({promise})" : "")}"));

    private static async Task WaitAsync(Func<bool> holds, TimeSpan patience, CancellationToken cancel)
    {
        var since = Stopwatch.StartNew();
        while (!holds())
        {
            if (since.Elapsed > patience)
            {
                throw new InvalidOperationException($"not within {patience.TotalSeconds} s");
            }

            await Task.Delay(1, cancel);
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (socket.LocalEndPoint as IPEndPoint)?.Port ?? 0;
    }
}

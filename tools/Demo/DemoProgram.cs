using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace Portunus.Demo;

/// <summary>A control plane on an empty directory, one edge that enrols with it, sample targets and the rules towards them; until a signal.</summary>
internal static class DemoProgram
{
    private const string Admin = "admin";

    public static async Task<int> Main(string[] args)
    {
        if (DemoOptions.Read(args, out var problem) is not { } options)
        {
            await Console.Error.WriteLineAsync(problem);
            await Console.Error.WriteLineAsync(DemoOptions.Usage);
            return 2;
        }

        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, stop));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, stop));
        var folder = Directory.CreateTempSubdirectory("portunus-demo-").FullName;
        try
        {
            await RunAsync(options, folder, stop.Token);
            return 0;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Console.WriteLine("Stopped; nothing is left of it.");
            return 0;
        }
        catch (DemoFailure failure)
        {
            await Console.Error.WriteLineAsync(failure.Message);
            return 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Stop(PosixSignalContext signal, CancellationTokenSource stop)
    {
        signal.Cancel = true;
        stop.Cancel();
    }

    private static async Task RunAsync(DemoOptions options, string folder, CancellationToken cancel)
    {
        var data = Path.Combine(folder, "web");
        await using var web = new DemoProcess(options.Web,
            "--data-dir", data,
            "--admin-listen", Loopback(options.AdminPort),
            "--link-listen", Loopback(options.LinkPort),
            "--metrics-listen", Loopback(options.MetricsPort));
        var setup = (await web.SaysAsync("Setup token", cancel)).Split(": ")[^1].Trim();
        var address = new Uri($"http://{Loopback(options.AdminPort)}");
        using var api = new DemoApi(address);
        var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10));
        var token = await api.SetUpAsync(setup, Admin, password, cancel);

        var edge = DemoApi.Text(await api.PostAsync("edges", new { name = "local", public_address = "127.0.0.1" }, cancel), "id");
        var line = DemoApi.Text(await api.PostAsync($"edges/{edge}/enrolments", new { }, cancel), "uri");
        var credentials = Path.Combine(folder, "edge.json");
        await using (var enrol = new DemoProcess(options.Edge, "enroll", line, "--out", credentials))
        {
            if (await enrol.FinishAsync(cancel) != 0)
            {
                throw new DemoFailure($"The edge did not enrol:\n{enrol.LastWords}");
            }
        }

        await using var running = new DemoProcess(options.Edge, "run",
            "--credentials", credentials,
            "--state-dir", Path.Combine(folder, "edge"),
            "--stats-socket", Path.Combine(folder, "stats.sock"));
        using var targets = new SampleTargets();
        var rules = await AddRulesAsync(api, edge, options.FirstPort, targets, cancel);
        Tell(options, address, password, token, edge, rules);
        var ended = await Task.WhenAny(web.Ended, running.Ended).WaitAsync(cancel);
        var lost = ended == web.Ended || web.HasEnded ? web : running;
        throw new DemoFailure($"{lost.Name} has ended by itself. Its last words:\n{lost.LastWords}");
    }

    private static async Task<List<(string Name, string Listen, string State)>> AddRulesAsync(
        DemoApi api, string edge, int port, SampleTargets targets, CancellationToken cancel)
    {
        object[] asked =
        [
            new { edge, name = "page", listen_port = port, target = $"127.0.0.1:{targets.PagePort}", note = "A page over HTTP." },
            new { edge, name = "datagrams", protocol = "udp", listen_port = port + 1, target = $"127.0.0.1:{targets.DatagramPort}", note = "Each datagram comes back." },
            new
            {
                edge,
                name = "echoes",
                listen_ports = $"{port + 2}-{port + 11}",
                target = $"127.0.0.1:{targets.FirstEchoPort}-{targets.FirstEchoPort + 9}",
                limits = new { bytes_per_second_in = 10_000_000, bytes_per_second_out = 10_000_000, concurrent_flows = 100 },
                note = "Ten ports whose bytes come back, 10 MB/s at most.",
            },
        ];
        var rules = new List<(string, string, string)>();
        foreach (var rule in asked)
        {
            var made = await api.PostAsync("rules?wait=10s", rule, cancel);
            var listen = $"{DemoApi.Text(made, "protocol")} {(made.TryGetProperty("listen_ports", out var range) && range.ValueKind == JsonValueKind.String ? range : made.GetProperty("listen_port"))}";
            rules.Add((DemoApi.Text(made, "name"), listen, DemoApi.Text(made, "status", "applied", "state")));
        }

        return rules;
    }

    private static void Tell(DemoOptions options, Uri address, string password, string token, string edge, IReadOnlyList<(string Name, string Listen, string State)> rules)
    {
        Console.WriteLine($"""

            Control plane   {address}  (API below {address}v1, metrics http://{Loopback(options.MetricsPort)}/metrics)
            Sign in         {Admin}  {password}
            API token       export TOKEN={token}

            """);
        foreach (var (name, listen, state) in rules)
        {
            Console.WriteLine($"{name,-12} {listen,-16} {state}");
        }

        Console.WriteLine($$"""

            Try:
              curl http://127.0.0.1:{{options.FirstPort}}/
              curl -H "Authorization: Bearer $TOKEN" {{address}}v1/rules
              curl -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' '{{address}}v1/rules?wait=2s' \
                -d '{"edge": "{{edge}}", "name": "mine", "listen_port": {{options.FirstPort + 12}}, "target": "127.0.0.1:5201"}'

            Ctrl-C stops everything and leaves nothing behind.
            """);
    }

    private static string Loopback(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
}

using System.Text.Json;
using Portunus.Load.Loads;
using Portunus.Load.Machine;
using Portunus.Load.Peers;
using Portunus.Load.Results;

namespace Portunus.Load;

/// <summary>The interleaved part: every round does every measurement with every peer, beginning with another peer each time.</summary>
internal sealed class Rounds(LoadOptions options, IReadOnlyList<PeerSpec> peers, PeerStarter starter, Ledger ledger) : IAsyncDisposable
{
    private const double CappedRate = 100e6;
    private const int CappedLeadIn = 2;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(150);
    private static readonly string[] s_names = ["bulk1", "bulk8", "conn", "req", "sweep", "cap"];

    // nginx's small buffer says nothing about offered load that the large one does not say better; without a forwarder the rate is the sender's.
    private static readonly string[] s_swept = [PeerList.Redirect, PeerList.Edge, PeerList.HaproxyDefault, PeerList.HaproxyLarge, PeerList.NginxLarge];

    private readonly Dictionary<string, RunningPeer> _running = [];
    private RunningPeer? _backend;

    /// <summary>Readings that could not be taken in two attempts.</summary>
    public int Failed { get; private set; }

    /// <summary>The most that other programs kept the machine busy in the looks before each round, 0–1.</summary>
    public double Foreign { get; private set; }

    public async Task RunAsync(CancellationToken stop)
    {
        if (!s_names.Any(options.Measures))
        {
            return;
        }

        _backend = await starter.StartBackendAsync(stop);
        foreach (var peer in peers.Where(peer => peer.IsForwarder))
        {
            _running[peer.Name] = await starter.StartAsync(peer, stop);
        }

        await WarmUpAsync(stop);
        for (var round = 0; round < options.Rounds; round++)
        {
            await Console.Error.WriteLineAsync($"round {round + 1} of {options.Rounds}");
            Foreign = Math.Max(Foreign, await MachineCpu.LookAsync(stop));
            var order = PeerList.Rotated(peers, round).ToArray();
            foreach (var peer in order)
            {
                await BulkAsync(round, peer, 1, stop);
            }

            foreach (var peer in order)
            {
                await BulkAsync(round, peer, 8, stop);
            }

            foreach (var peer in order)
            {
                await RequestsAsync(round, peer, "conn", stop);
            }

            foreach (var peer in order)
            {
                await RequestsAsync(round, peer, "req", stop);
            }

            await SweepAsync(round, order, stop);
            await CappedAsync(round, order, stop);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var peer in _running.Values)
        {
            await peer.DisposeAsync();
        }

        if (_backend is not null)
        {
            await _backend.DisposeAsync();
        }
    }

    /// <summary>The edge's code is compiled again, better, once it proved hot; so it gets ten seconds of every kind of load first. The others are ready when they start.</summary>
    private async Task WarmUpAsync(CancellationToken stop)
    {
        foreach (var peer in peers.Where(peer => peer.IsForwarder))
        {
            var warm = peer.Name == PeerList.Edge ? 3 : 1;
            await Console.Error.WriteLineAsync($"warming up {peer.Name}");
            await MeteredAsync(peer, () => RequestLoad.RunAsync(peer.HttpPort, keepAlive: false, warm, stop), stop);
            await MeteredAsync(peer, () => RequestLoad.RunAsync(peer.HttpPort, keepAlive: true, warm, stop), stop);
            await MeteredAsync(peer, () => BulkLoad.RunAsync(peer.BulkPort, 1, warm, 0, stop), stop);
            await MeteredAsync(peer, () => BulkLoad.RunAsync(peer.BulkPort, 8, warm, 0, stop), stop);
        }
    }

    private async Task BulkAsync(int round, PeerSpec peer, int streams, CancellationToken stop)
    {
        var name = $"bulk{streams}";
        if (!options.Measures(name))
        {
            return;
        }

        if (await MeteredAsync(peer, () => BulkLoad.RunAsync(peer.BulkPort, streams, options.Seconds, 0, stop), stop) is not var (result, cpu, machine))
        {
            return;
        }

        Add(round, peer.Name, $"{name}.gbps", result.BitsPerSecond / 1e9);
        Add(round, peer.Name, $"{name}.cpu", cpu / result.GiB);
        Add(round, peer.Name, $"{name}.machine", machine / result.GiB);
        await SayAsync($"{name} {peer.Name}: {result.BitsPerSecond / 1e9:0.0} Gbit/s{(cpu is { } spent ? $", {spent / result.GiB:0.000} s/GiB" : "")}");
    }

    private async Task RequestsAsync(int round, PeerSpec peer, string name, CancellationToken stop)
    {
        if (!options.Measures(name))
        {
            return;
        }

        if (await MeteredAsync(peer, () => RequestLoad.RunAsync(peer.HttpPort, name == "req", options.Seconds, stop), stop) is not var (result, cpu, machine))
        {
            return;
        }

        Add(round, peer.Name, $"{name}.cpu", cpu / result.Requests * 1e6);
        Add(round, peer.Name, $"{name}.machine", machine / result.Requests * 1e6);
        Add(round, peer.Name, $"{name}.rate", result.PerSecond);
        Add(round, peer.Name, $"{name}.p99", result.P99Ms);
        var errors = result.Errors == 0 ? "" : $", {result.Errors} ERRORS";
        await SayAsync($"{name} {peer.Name}: {result.PerSecond:0}/s{(cpu is { } spent ? $", {spent / result.Requests * 1e6:0.0} µs" : "")}{errors}");
    }

    private async Task SweepAsync(int round, IReadOnlyList<PeerSpec> order, CancellationToken stop)
    {
        if (!options.Measures("sweep"))
        {
            return;
        }

        foreach (var rate in Figures.Offered)
        {
            foreach (var peer in order.Where(peer => s_swept.Contains(peer.Name)))
            {
                if (await MeteredAsync(peer, () => BulkLoad.RunAsync(peer.BulkPort, 1, options.Seconds, rate * 1e9, stop), stop) is var (result, _, _))
                {
                    Add(round, peer.Name, Figures.Sweep(rate), result.BitsPerSecond / 1e9 / rate);
                    await SayAsync($"sweep {rate} {peer.Name}: {result.BitsPerSecond / 1e9 / rate:0.000}");
                }
            }
        }
    }

    /// <summary>The capped rule with a sender that never waits, and the uncapped rule with one that keeps to the same rate by itself; which goes first alternates.</summary>
    private async Task CappedAsync(int round, IReadOnlyList<PeerSpec> order, CancellationToken stop)
    {
        if (!options.Measures("cap") || order.FirstOrDefault(peer => peer.Name == PeerList.Edge) is not { } edge)
        {
            return;
        }

        var seconds = CappedLeadIn + options.CappedSeconds;
        for (var turn = 0; turn < 2; turn++)
        {
            var capped = (turn + round) % 2 == 0;
            if (await MeteredAsync(edge, () => CappedLoadAsync(edge, capped, seconds, stop), stop) is not var (result, cpu, _))
            {
                continue;
            }

            var row = capped ? edge.Name : Figures.EdgePaced;
            var rate = result.RateFrom(CappedLeadIn);
            Add(round, row, "cap.rate", rate / 1e6);
            Add(round, row, Figures.CapError, Math.Abs(rate - CappedRate) / CappedRate * 100);
            Add(round, row, Figures.CapCpu, cpu / result.GiB);
            await SayAsync($"cap {row}: {rate / 1e6:0.00} MB/s, {cpu / result.GiB:0.000} s/GiB");
        }
    }

    private static Task<BulkResult> CappedLoadAsync(PeerSpec edge, bool capped, int seconds, CancellationToken stop) => capped
        ? BulkLoad.RunAsync(edge.CappedPort, 1, seconds, 0, stop)
        : BulkLoad.RunAsync(edge.BulkPort, 1, seconds, CappedRate * 8, stop);

    /// <summary>
    /// A load with the CPU the forwarder and the machine spent from before its first connection until after its last byte: what is
    /// divided by all bytes is all time, so no window has to be cut out of the middle. Null when it failed twice: one reading less
    /// is better than a run of twenty minutes lost; a forwarder that died ends the run all the same.
    /// </summary>
    private async Task<Metered<T>?> MeteredAsync<T>(PeerSpec peer, Func<Task<T>> load, CancellationToken stop)
    {
        if (peer.Name != PeerList.Redirect)
        {
            return await MeteredInPlaceAsync(peer, load, stop);
        }

        await RedirectRules.SwitchAsync(peer, on: true, stop);
        try
        {
            return await MeteredInPlaceAsync(peer, load, stop);
        }
        finally
        {
            await RedirectRules.SwitchAsync(peer, on: false, CancellationToken.None);
        }
    }

    private async Task<Metered<T>?> MeteredInPlaceAsync<T>(PeerSpec peer, Func<Task<T>> load, CancellationToken stop)
    {
        var running = _running.GetValueOrDefault(peer.Name);
        for (var attempt = 0; attempt < 2; attempt++)
        {
            await Task.Delay(s_pause, stop);
            var machineBefore = MachineCpu.Take();
            var before = running?.ReadCpu();
            try
            {
                var result = await load();
                var spent = running?.ReadCpu().SecondsSince(before!);
                return new Metered<T>(result, spent, MachineCpu.Take().SecondsSince(machineBefore));
            }
            catch (Exception fault) when (fault is InvalidOperationException or TimeoutException or FormatException or JsonException or KeyNotFoundException)
            {
                running?.ReadCpu();
                await SayAsync($"{peer.Name}: {fault.Message}");
            }
        }

        Failed++;
        return null;
    }

    private void Add(int round, string peer, string figure, double? value)
    {
        if (value is { } known && double.IsFinite(known))
        {
            ledger.Add(round, peer, figure, known);
        }
    }

    private static Task SayAsync(string line) => Console.Error.WriteLineAsync("  " + line);
}

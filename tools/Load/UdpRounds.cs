using System.ComponentModel;
using Portunus.Load.Datagrams;
using Portunus.Load.Machine;
using Portunus.Load.Peers;
using Portunus.Load.Results;

namespace Portunus.Load;

/// <summary>The interleaved part with datagrams: every round sends every load through every peer, beginning with another peer each time.</summary>
internal sealed class UdpRounds(LoadOptions options, IReadOnlyList<PeerSpec> peers, PeerStarter starter, Ledger ledger) : IAsyncDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_sweep = TimeSpan.FromMilliseconds(500);
    private static readonly string[] s_names = ["udp1", "udp1000", "udpsweep", "udplatency"];
    private readonly Dictionary<string, RunningPeer> _running = [];
    private readonly DatagramSink _sink = new(PeerList.SinkTarget);
    private readonly Echo _echo = new(PeerList.EchoTarget);
    private DatagramLoad? _load;

    /// <summary>Readings that could not be taken in two attempts.</summary>
    public int Failed { get; private set; }

    /// <summary>Datagrams that the sink lost: figures with many of them say nothing about forwarders.</summary>
    public long DroppedBySink { get; private set; }

    /// <summary>The least that was really sent of a promised load, 0–1.</summary>
    public double LeastSent { get; private set; } = 1;

    /// <summary>The most that other programs kept the machine busy in the looks before each round, 0–1.</summary>
    public double Foreign { get; private set; }

    public async Task RunAsync(CancellationToken stop)
    {
        if (!s_names.Any(options.Measures))
        {
            return;
        }

        _load = new DatagramLoad(_sink);
        foreach (var peer in peers.Where(peer => peer.IsForwarder))
        {
            _running[peer.Name] = await starter.StartUdpAsync(peer, stop);
        }

        await WarmUpAsync(stop);
        for (var round = 0; round < options.Rounds; round++)
        {
            await Console.Error.WriteLineAsync($"UDP round {round + 1} of {options.Rounds}");
            Foreign = Math.Max(Foreign, await MachineCpu.LookAsync(stop));
            var order = PeerList.Rotated(peers, round).ToArray();
            foreach (var flows in UdpCell.FlowCounts)
            {
                foreach (var peer in order)
                {
                    await PromisedAsync(round, peer, flows, stop);
                }
            }

            foreach (var peer in order)
            {
                await LatencyAsync(round, peer, stop);
            }

            await SweepAsync(round, order, stop);
        }

        AddExcess();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var peer in _running.Values)
        {
            await peer.DisposeAsync();
        }

        _load?.Dispose();
        _echo.Dispose();
        _sink.Dispose();
    }

    /// <summary>Opens all flows and sends every size for a while; the edge gets longer, since its code is compiled again when it proves hot.</summary>
    private async Task WarmUpAsync(CancellationToken stop)
    {
        foreach (var peer in peers.Where(peer => peer.IsForwarder))
        {
            await Console.Error.WriteLineAsync($"warming up {peer.Name} for UDP");
            var warm = TimeSpan.FromSeconds(peer.Name == PeerList.Edge ? 2 : 0.5);
            await _load!.OpenFlowsAsync(peer.BulkPort, UdpCell.FlowCounts.Max(), stop);
            await EchoLoad.RunAsync(peer.EchoPort, warm, stop);
            foreach (var flows in UdpCell.FlowCounts)
            {
                foreach (var size in UdpCell.Sizes)
                {
                    await _load.RunAsync(peer.BulkPort, flows, size, 500e6, warm, stop);
                }
            }
        }
    }

    private async Task PromisedAsync(int round, PeerSpec peer, int flows, CancellationToken stop)
    {
        var name = $"udp{flows}";
        if (!options.Measures(name))
        {
            return;
        }

        var cell = UdpCell.Promised(flows);
        if (await LoadAsync(peer, cell, TimeSpan.FromSeconds(options.Seconds), stop) is not var (result, cpu, machine))
        {
            return;
        }

        LeastSent = Math.Min(LeastSent, result.SentShare);
        Add(round, peer.Name, $"{name}.cpu", cpu / result.Received * 1e6);
        Add(round, peer.Name, $"{name}.machine", machine / result.Received * 1e6);
        Add(round, peer.Name, $"{name}.loss", result.LossPercent);
        Add(round, peer.Name, $"{name}.sent", result.SentShare);
        Add(round, peer.Name, $"{name}.wrong", result.Wrong);
        Add(round, peer.Name, $"{name}.reordered", result.Reordered);
        await SayAsync($"{name} {peer.Name}: {Words(result, cpu)}");
    }

    private async Task SweepAsync(int round, IReadOnlyList<PeerSpec> order, CancellationToken stop)
    {
        if (!options.Measures("udpsweep"))
        {
            return;
        }

        foreach (var cell in UdpCell.All)
        {
            foreach (var peer in order)
            {
                if (await LoadAsync(peer, cell, s_sweep, stop) is var (result, cpu, _))
                {
                    Add(round, peer.Name, cell.Figure("cpu"), cpu / result.Received * 1e6);
                    Add(round, peer.Name, cell.Figure("loss"), result.LossPercent);
                    Add(round, peer.Name, cell.Figure("sent"), result.SentShare);
                    await SayAsync($"udpsweep {cell.Text} {peer.Name}: {Words(result, cpu)}");
                }
            }
        }
    }

    private async Task LatencyAsync(int round, PeerSpec peer, CancellationToken stop)
    {
        if (!options.Measures("udplatency"))
        {
            return;
        }

        var port = peer.IsForwarder ? peer.EchoPort : PeerList.EchoTarget;
        if (await MeteredAsync(peer, () => EchoLoad.RunAsync(port, TimeSpan.FromSeconds(options.Seconds), stop), stop) is var (result, cpu, _))
        {
            Add(round, peer.Name, "udplatency.p50", result.Within(0.5));
            Add(round, peer.Name, "udplatency.p99", result.Within(0.99));
            Add(round, peer.Name, "udplatency.loss", result.LossPercent);
            Add(round, peer.Name, "udplatency.cpu", cpu / result.Microseconds.Count * 1e6);
            await SayAsync($"udplatency {peer.Name}: p50 {result.Within(0.5):0} µs, p99 {result.Within(0.99):0} µs");
        }
    }

    private async Task<Metered<DatagramResult>?> LoadAsync(PeerSpec peer, UdpCell cell, TimeSpan time, CancellationToken stop)
    {
        var metered = await MeteredAsync(peer, () => _load!.RunAsync(peer.BulkPort, cell.Flows, cell.Size, cell.Megabits * 1e6, time, stop), stop);
        DroppedBySink += metered?.Result.DroppedBySink ?? 0;
        return metered;
    }

    /// <summary>As with connections: from before the first datagram until nothing more comes. Null when it failed twice.</summary>
    private async Task<Metered<T>?> MeteredAsync<T>(PeerSpec peer, Func<Task<T>> load, CancellationToken stop)
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
                return new Metered<T>(result, running?.ReadCpu().SecondsSince(before!), MachineCpu.Take().SecondsSince(machineBefore));
            }
            catch (Exception fault) when (fault is InvalidOperationException or Win32Exception)
            {
                running?.ReadCpu();
                await SayAsync($"{peer.Name}: {fault.Message}");
            }
        }

        Failed++;
        return null;
    }

    /// <summary>Loss of the edge beside the better nginx: of each round for the promised loads, of each load's medians for the sweep.</summary>
    private void AddExcess()
    {
        foreach (var flows in UdpCell.FlowCounts)
        {
            var figure = $"udp{flows}.loss";
            if (ledger.Better(Figures.NginxUdp, figure, moreIsBetter: false) is { } better)
            {
                var pairs = ledger.Values(PeerList.Edge, figure).Zip(ledger.Values(better, figure)).ToArray();
                for (var round = 0; round < pairs.Length; round++)
                {
                    Add(round, PeerList.Edge, $"udp{flows}.excess", LossCheck.Excess(pairs[round].First, pairs[round].Second));
                }
            }

            foreach (var (number, cell) in UdpCell.All.Index().Where(cell => cell.Item.Flows == flows))
            {
                var loss = cell.Figure("loss");
                if (ledger.Better(Figures.NginxUdp, loss, moreIsBetter: false) is { } peer && ledger.Spread(PeerList.Edge, loss) is { } ours)
                {
                    Add(number, PeerList.Edge, $"udpsweep.excess{flows}", LossCheck.Excess(ours.Median, ledger.Spread(peer, loss)!.Value.Median));
                }
            }
        }
    }

    private static string Words(DatagramResult result, double? cpu) =>
        $"sent {result.SentShare:0.00}, loss {result.LossPercent:0.00} %{(cpu is { } spent ? $", {spent / result.Received * 1e6:0.00} µs" : "")}"
        + (result.DroppedBySink > 0 ? $", {result.DroppedBySink} dropped by the SINK" : "")
        + (result.Reordered > 0 ? $", {result.Reordered} reordered" : "")
        + (result.Wrong > 0 ? $", {result.Wrong} WRONG" : "");

    private void Add(int round, string peer, string figure, double? value)
    {
        if (value is { } known && double.IsFinite(known))
        {
            ledger.Add(round, peer, figure, known);
        }
    }

    private static Task SayAsync(string line) => Console.Error.WriteLineAsync("  " + line);
}

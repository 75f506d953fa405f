namespace Portunus.Load.Peers;

/// <summary>Writes a peer's configuration into the run's folder and starts it. Every peer gets one thread for each usable CPU.</summary>
internal sealed class PeerStarter(string folder, string edgeProgram)
{
    public static int Threads => Environment.ProcessorCount;

    /// <summary>A forwarder as it serves the rounds.</summary>
    public Task<RunningPeer> StartAsync(PeerSpec spec, CancellationToken stop)
    {
        var ports = spec.Name switch
        {
            PeerList.Edge => new[] { spec.BulkPort, spec.HttpPort, spec.CappedPort, spec.IdlePort },
            PeerList.NginxSmall or PeerList.NginxLarge => [spec.BulkPort, spec.HttpPort, spec.IdlePort],
            _ => [spec.BulkPort, spec.HttpPort],
        };
        return StartAsync(spec, spec.Config!, ports, stop);
    }

    /// <summary>A forwarder as it holds idle flows: HAProxy without splicing, everybody else as in the rounds.</summary>
    public Task<RunningPeer> StartIdleAsync(PeerSpec spec, CancellationToken stop) => spec.Name is PeerList.HaproxyDefault or PeerList.HaproxyLarge
        ? StartAsync(spec, "haproxy-idle.cfg", [spec.IdlePort], stop)
        : StartAsync(spec, stop);

    /// <summary>A forwarder of datagrams.</summary>
    public Task<RunningPeer> StartUdpAsync(PeerSpec spec, CancellationToken stop) => StartAsync(spec, spec.Config!, [spec.BulkPort, spec.EchoPort], stop);

    /// <summary>The HTTP target.</summary>
    public Task<RunningPeer> StartBackendAsync(CancellationToken stop) =>
        StartAsync(new PeerSpec("backend", PeerList.HttpTarget, "nginx-backend.conf"), "nginx-backend.conf", [PeerList.HttpTarget], stop);

    /// <summary>The edge with many rules and no traffic.</summary>
    public Task<RunningPeer> StartManyRulesAsync(int rules, CancellationToken stop)
    {
        var file = Path.Combine(folder, "many-rules.toml");
        File.WriteAllText(file, PeerConfig.ManyRules(rules, PeerList.ManyRulesPort, PeerList.BulkTarget));
        var spec = new PeerSpec("edge-many-rules", PeerList.ManyRulesPort, "edge.toml");
        return RunningPeer.StartAsync(
            spec, edgeProgram, EdgeArguments(spec.Name, file), folder, Enumerable.Range(PeerList.ManyRulesPort, rules).ToArray(), stop);
    }

    private Task<RunningPeer> StartAsync(PeerSpec spec, string config, int[] ports, CancellationToken stop)
    {
        var file = Path.Combine(folder, $"{spec.Name}-{config}");
        File.WriteAllText(file, PeerConfig.Render(PeerConfig.Template(config), Values(spec)));
        var (program, arguments) = Path.GetExtension(config) switch
        {
            ".cfg" => ("haproxy", ["-db", "-f", file]),
            ".conf" => ("nginx", ["-p", folder, "-e", "stderr", "-c", file]),
            _ => (edgeProgram, EdgeArguments(spec.Name, file)),
        };
        return RunningPeer.StartAsync(spec, program, arguments, folder, ports, stop);
    }

    private IReadOnlyList<string> EdgeArguments(string name, string file) =>
        ["--standalone", file, "--stats-socket", Path.Combine(folder, name + ".sock")];

    private Dictionary<string, string> Values(PeerSpec spec) => new()
    {
        ["name"] = spec.Name,
        ["folder"] = folder,
        ["threads"] = Threads.ToString(),
        ["bulk_port"] = spec.BulkPort.ToString(),
        ["http_port"] = spec.HttpPort.ToString(),
        ["echo_port"] = spec.EchoPort.ToString(),
        ["idle_port"] = spec.IdlePort.ToString(),
        ["capped_port"] = spec.CappedPort.ToString(),
        ["bulk_target"] = PeerList.BulkTarget.ToString(),
        ["http_target"] = PeerList.HttpTarget.ToString(),
        ["idle_target"] = PeerList.IdleTarget.ToString(),
        ["sink_target"] = PeerList.SinkTarget.ToString(),
        ["echo_target"] = PeerList.EchoTarget.ToString(),
    };
}

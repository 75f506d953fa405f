using System.Net;
using System.Text;
using Portunus.Shared.Rules;
using Portunus.Shared.Toml;

namespace Portunus.Shared.RuleFiles;

/// <summary>The tables of a file that are not about one rule: <c>[global]</c>, <c>[stats]</c> and <c>[metrics]</c>.</summary>
internal sealed class SettingsTables
{
    /// <summary>The longest label, in characters.</summary>
    private const int MaxLabelLength = 256;

    /// <summary><c>sun_path</c> of unix(7) without its closing zero.</summary>
    private const int MaxSocketPathBytes = 107;

    private readonly FileProblemList _problems;

    public SettingsTables(FileTable top, FileProblemList problems)
    {
        _problems = problems;
        Global = ReadGlobal(Open(top, RuleFileKeys.Global));
        Stats = ReadStats(Open(top, RuleFileKeys.Stats));
        var metrics = Open(top, RuleFileKeys.Metrics);
        MetricsPlaces = metrics.Places;
        MetricsListen = ReadMetrics(metrics);
    }

    public GlobalSettings Global { get; }

    public StatsSettings Stats { get; }

    public IPEndPoint? MetricsListen { get; }

    public FieldPlaces MetricsPlaces { get; }

    /// <summary>The metrics need a port that no rule wants.</summary>
    public void CheckAgainst(IReadOnlyList<CheckedRule> claims)
    {
        if (MetricsListen is null)
        {
            return;
        }

        foreach (var rule in claims.Where(rule => rule.Enabled && rule.Protocol == TransportProtocol.Tcp && rule.ListenPorts.Contains(MetricsListen.Port)))
        {
            if (PortClaims.Overlap(rule.ListenAddress, MetricsListen.Address))
            {
                var (path, place) = MetricsPlaces.Find("listen");
                _problems.Add("port_collision", path, $"Port {MetricsListen.Port} is already taken by the rule \"{rule.Name}\".", place);
                return;
            }
        }
    }

    private FileTable Open(FileTable top, FileKeys keys) => new(top.RawTable(keys.Path) ?? TomlTable.Empty(), keys, keys.Path, _problems);

    private GlobalSettings ReadGlobal(FileTable table)
    {
        var found = new ProblemList();
        var label = table.Text("label");
        if (label is not null && (label.EnumerateRunes().Count() > MaxLabelLength || label.Any(char.IsControl)))
        {
            found.Add("label_text", "label", $"label must have at most {MaxLabelLength} characters and no control characters.");
        }

        var settings = new GlobalSettings
        {
            Label = label,
            LogLevel = RuleCheck.Choose(table.Text("log_level"), "log_level", null, found,
                ("trace", "trace"), ("debug", "debug"), ("info", "info"), ("warn", "warn"), ("error", "error")),
            LogFormat = RuleCheck.Choose(table.Text("log_format"), "log_format", null, found,
                ("json", "json"), ("text", "text"), ("pretty", "text")),
            ShutdownDrain = TimeSpan.FromSeconds(found.Within(table.Number("shutdown_drain_secs"), "shutdown_drain_secs", 0, 3600, 30)),
            ReloadFlows = RuleCheck.Choose(table.Text("reload_flows"), "reload_flows", FlowPolicy.Keep, found,
                ("keep", FlowPolicy.Keep), ("drain", FlowPolicy.Drain), ("cut", FlowPolicy.Cut)),
        };
        Tell(found, table);
        return settings;
    }

    private StatsSettings ReadStats(FileTable table)
    {
        var found = new ProblemList();
        var path = table.Text("socket_path");
        if (path is not null && (Encoding.UTF8.GetByteCount(path) is 0 or > MaxSocketPathBytes || path.Contains('\0')))
        {
            found.Add("socket_path_length", "socket_path", $"socket_path must have 1 to {MaxSocketPathBytes} bytes and no zero byte.");
        }

        var settings = new StatsSettings
        {
            Enabled = table.Flag("enabled") ?? true,
            SocketPath = path,
            RefreshMs = (int)found.Within(table.Number("refresh_ms"), "refresh_ms", 250, 5000, 1000),
        };
        Tell(found, table);
        return settings;
    }

    private IPEndPoint? ReadMetrics(FileTable table)
    {
        if (table.Text("listen") is not { } text)
        {
            return null;
        }

        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? "" : text[..colon];
        // An IPv6 address before a port has brackets, or its last group would be taken for the port.
        if (HostName.TryParseLiteral(host, out var address) && host.Contains(':') == host.StartsWith('[')
            && PortRange.TryParse(text[(colon + 1)..], out var port, out _) && port.IsSingle)
        {
            return new IPEndPoint(address, port.First);
        }

        var (path, place) = table.Places.Find("listen");
        _problems.Add("metrics_listen_malformed", path,
            $"listen must be an address and a port between 1 and 65535, as in 127.0.0.1:7081 or [::1]:7081; this is \"{text}\".", place);
        return null;
    }

    private void Tell(ProblemList found, FileTable table)
    {
        foreach (var problem in found.All)
        {
            var (path, place) = table.Places.Find(problem.Field);
            _problems.Add(problem.Code, path, problem.Text, place);
        }
    }
}

using System.Globalization;
using System.Net;
using System.Text;

namespace Portunus.Soaks.Edges;

/// <summary>A rule as the runs need it, and its text in a rule file.</summary>
internal sealed record SoakRule
{
    public required string Name { get; init; }

    public string Protocol { get; init; } = "tcp";

    public required IPAddress Address { get; init; }

    public required int Port { get; init; }

    /// <summary>More than one: a range.</summary>
    public int Ports { get; init; } = 1;

    public required IReadOnlyList<IPEndPoint> Targets { get; init; }

    public string Balance { get; init; } = "first";

    public bool IsEnabled { get; init; } = true;

    /// <summary>Null: the default.</summary>
    public int? UdpIdleSeconds { get; init; }

    /// <summary>Lines of <c>[rule.limits]</c>.</summary>
    public IReadOnlyDictionary<string, long> Limits { get; init; } = new Dictionary<string, long>();

    public IReadOnlyList<string> Allow { get; init; } = [];

    public IReadOnlyList<string> Deny { get; init; } = [];

    public string Note { get; init; } = "";

    public IPEndPoint Place => new(Address, Port);

    /// <summary>Its targets, and those that follow them in a range.</summary>
    public IEnumerable<IPEndPoint> TargetPlaces =>
        Targets.SelectMany(target => Enumerable.Range(target.Port, Ports).Select(port => new IPEndPoint(target.Address, port)));

    public string ToToml()
    {
        var text = new StringBuilder();
        Line(text, $"\n[[rule]]\nname = \"{Name}\"\nenabled = {(IsEnabled ? "true" : "false")}\nlisten_address = \"{Address}\"");
        Line(text, Ports == 1 ? $"listen_port = {Port}" : $"listen_ports = \"{Port}-{Port + Ports - 1}\"");
        if (Protocol != "tcp")
        {
            Line(text, $"protocol = \"{Protocol}\"");
        }

        if (UdpIdleSeconds is { } idle)
        {
            Line(text, $"udp_idle_seconds = {idle}");
        }

        Line(text, $"balance = \"{Balance}\"");
        Line(text, $"targets = [{string.Join(", ", Targets.Select(target => $"{{ host = \"{target.Address}\", port = {target.Port} }}"))}]");
        List(text, "allow", Allow);
        List(text, "deny", Deny);
        if (Note.Length > 0)
        {
            Line(text, $"note = \"{Note}\"");
        }

        if (Limits.Count > 0)
        {
            Line(text, "[rule.limits]");
            foreach (var (key, value) in Limits)
            {
                Line(text, $"{key} = {value}");
            }
        }

        return text.ToString();
    }

    /// <summary>A whole file. The label tells in the log which file is in force.</summary>
    public static string File(IEnumerable<SoakRule> rules, string label = "first") =>
        $"[global]\nlabel = \"{label}\"\nlog_format = \"json\"\nshutdown_drain_secs = 2\n[stats]\nrefresh_ms = 1000\n"
        + string.Concat(rules.Select(rule => rule.ToToml()));

    private static void List(StringBuilder text, string key, IReadOnlyList<string> values)
    {
        if (values.Count > 0)
        {
            Line(text, $"{key} = [{string.Join(", ", values.Select(value => $"\"{value}\""))}]");
        }
    }

    private static void Line(StringBuilder text, string line) => text.Append(CultureInfo.InvariantCulture, $"{line}\n");
}

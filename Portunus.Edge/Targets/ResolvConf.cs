using System.Globalization;
using System.Net;
using Portunus.Shared.Rules;

namespace Portunus.Edge.Targets;

/// <summary>What resolv.conf(5) says. Lines and options that are not known, or whose value makes no sense, are passed over, as the system's resolver does.</summary>
internal sealed record ResolvConf
{
    /// <summary>MAXNS of resolv.conf(5).</summary>
    public const int MostServers = 3;

    private const int DnsPort = 53;

    /// <summary>In the order they are asked. Where the file names none, the server of this machine.</summary>
    public IReadOnlyList<IPEndPoint> NameServers { get; init; } = [new IPEndPoint(IPAddress.Loopback, DnsPort)];

    /// <summary>Domains that short names are tried in, lower case.</summary>
    public IReadOnlyList<string> Search { get; init; } = [];

    /// <summary>Names with at least this many dots are asked for as they are before any search domain: 0–15.</summary>
    public int Ndots { get; init; } = 1;

    /// <summary>How long one server may take: 1–30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the list of servers is gone through: 1–5.</summary>
    public int Attempts { get; init; } = 2;

    /// <summary>Each question begins with another server.</summary>
    public bool Rotate { get; init; }

    public static ResolvConf Read(string text)
    {
        var servers = new List<IPEndPoint>();
        var conf = new ResolvConf();
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
                .TakeWhile(word => word[0] is not ('#' or ';')).ToList();
            if (words.Count < 2)
            {
                continue;
            }

            switch (words[0])
            {
                case "nameserver" when servers.Count < MostServers && HostName.TryParseLiteral(words[1], out var address):
                    servers.Add(new IPEndPoint(address, DnsPort));
                    break;
                case "search":
                    conf = conf with { Search = Domains(words.Skip(1)) };
                    break;
                case "domain":
                    conf = conf with { Search = Domains(words.Skip(1).Take(1)) };
                    break;
                case "options":
                    conf = words.Skip(1).Aggregate(conf, WithOption);
                    break;
                default:
                    break;
            }
        }

        return servers.Count == 0 ? conf : conf with { NameServers = servers };
    }

    private static string[] Domains(IEnumerable<string> words) =>
        [.. words.Select(word => HostName.TryParseName(word, out var name, out _, out _) ? name : "").Where(name => name.Length > 0)];

    private static ResolvConf WithOption(ResolvConf conf, string word)
    {
        var colon = word.IndexOf(':');
        var name = colon < 0 ? word : word[..colon];
        if (name == "rotate")
        {
            return conf with { Rotate = true };
        }

        if (colon < 0 || !int.TryParse(word.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return conf;
        }

        return name switch
        {
            "ndots" => conf with { Ndots = Math.Min(number, 15) },
            "timeout" => conf with { Timeout = TimeSpan.FromSeconds(Math.Clamp(number, 1, 30)) },
            "attempts" => conf with { Attempts = Math.Clamp(number, 1, 5) },
            _ => conf,
        };
    }
}

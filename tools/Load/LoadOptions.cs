using System.Globalization;
using Portunus.Load.Peers;

namespace Portunus.Load;

/// <summary>What a run measures, and how long.</summary>
internal sealed record LoadOptions
{
    public const string InsideFlag = "--inside";

    public const string Usage = """
        usage: tools/load [--quick] [--only NAME,…] [--peers NAME,…] [--rounds N] [--seconds N] [--json FILE] [--edge FILE]
          --quick     2 rounds of short runs: a smoke test, its figures are noise
          --only      of: bulk1, bulk8, conn, req, sweep, cap, memory, start,
                      udp1, udp1000, udpsweep, udplatency, udpmemory; tcp and udp are all of a kind
          --peers     of: direct, redirect, edge, haproxy, haproxy-1m, nginx-16k, nginx-256k, nginx-udp, nginx-udp-4m
          --rounds    interleaved rounds (default 5)
          --seconds   length of one run (default 3)
          --json      writes every reading there, too
          --edge      the published portunus-edge (default: what tools/publish made)
        """;

    public static IReadOnlyList<string> TcpNames { get; } = ["bulk1", "bulk8", "conn", "req", "sweep", "cap", "memory", "start"];

    public static IReadOnlyList<string> UdpNames { get; } = ["udp1", "udp1000", "udpsweep", "udplatency", "udpmemory"];

    public static IReadOnlyList<string> Names { get; } = [.. TcpNames, .. UdpNames];

    public bool Quick { get; init; }

    public IReadOnlyList<string> Only { get; init; } = Names;

    public IReadOnlyList<string> Peers { get; init; } = PeerList.Names;

    public int Rounds { get; init; } = 5;

    public int Seconds { get; init; } = 3;

    public string? JsonFile { get; init; }

    public string? EdgeProgram { get; init; }

    /// <summary>The run's folder: set when this is the process inside the namespace.</summary>
    public string? Inside { get; init; }

    /// <summary>How long the capped rule runs after two seconds that do not count. The promise is about ten; a smoke test takes three.</summary>
    public int CappedSeconds => Quick ? 3 : 10;

    public bool Measures(string name) => Only.Contains(name);

    /// <summary>Reads the command line; null with a sentence when it is wrong.</summary>
    public static LoadOptions? Read(IReadOnlyList<string> arguments, out string problem)
    {
        var left = new Queue<string>(arguments);
        var quick = left.Contains("--quick");
        var options = quick ? new LoadOptions { Quick = true, Rounds = 2, Seconds = 1 } : new LoadOptions();
        problem = "";
        while (problem.Length == 0 && left.TryDequeue(out var flag))
        {
            if (flag == "--quick")
            {
                continue;
            }

            if (!left.TryDequeue(out var value))
            {
                problem = $"{flag} is not known here, or lacks its value";
                break;
            }

            options = flag switch
            {
                "--only" => options with { Only = [.. Some(value, [.. Names, "tcp", "udp"], ref problem).SelectMany(Kind).Distinct()] },
                "--peers" => options with { Peers = Some(value, PeerList.Names, ref problem) },
                "--rounds" => options with { Rounds = Count(value, ref problem) },
                "--seconds" => options with { Seconds = Count(value, ref problem) },
                "--json" => options with { JsonFile = value },
                "--edge" => options with { EdgeProgram = value },
                InsideFlag => options with { Inside = value },
                _ => Unknown(options, flag, ref problem),
            };
        }

        return problem.Length == 0 ? options : null;
    }

    private static LoadOptions Unknown(LoadOptions options, string flag, ref string problem)
    {
        problem = $"{flag} is not known here";
        return options;
    }

    private static string[] Some(string value, IReadOnlyList<string> known, ref string problem)
    {
        var names = value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var strange = names.Where(name => !known.Contains(name)).ToArray();
        problem = strange.Length == 0 && names.Length > 0 ? problem : $"not one of {string.Join(", ", known)}: {string.Join(", ", strange)}";
        return names;
    }

    private static IReadOnlyList<string> Kind(string name) => name switch { "tcp" => TcpNames, "udp" => UdpNames, _ => [name] };

    private static int Count(string value, ref string problem)
    {
        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is > 0 and <= 1000)
        {
            return count;
        }

        problem = $"\"{value}\" is not a number from 1 to 1000";
        return 1;
    }
}

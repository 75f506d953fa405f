using System.Globalization;

namespace Portunus.Demo;

/// <summary>What the command line asks for.</summary>
/// <param name="Web">The program portunus-web.</param>
/// <param name="Edge">The program portunus-edge.</param>
/// <param name="AdminPort">Of the API, on loopback.</param>
/// <param name="LinkPort">Of the listener for edges, on loopback.</param>
/// <param name="MetricsPort">Of the metrics, on loopback.</param>
/// <param name="FirstPort">The first of the ports that the sample rules listen on: this one and the next twelve.</param>
internal sealed record DemoOptions(string Web, string Edge, int AdminPort = 7080, int LinkPort = 7443, int MetricsPort = 7081, int FirstPort = 8080)
{
    public const string Usage = "usage: tools/demo [--admin-port N] [--link-port N] [--metrics-port N] [--first-port N]";

    /// <summary>The ports of the sample rules.</summary>
    public const int Ports = 13;

    public static DemoOptions? Read(IReadOnlyList<string> arguments, out string problem)
    {
        problem = "";
        if (arguments.Count < 2)
        {
            problem = "The two programs are missing; start this by tools/demo.";
            return null;
        }

        var options = new DemoOptions(arguments[0], arguments[1]);
        for (var i = 2; i < arguments.Count; i += 2)
        {
            if (i + 1 == arguments.Count || !int.TryParse(arguments[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > 65535)
            {
                problem = $"{arguments[i]} wants a port after it.";
                return null;
            }

            switch (arguments[i])
            {
                case "--admin-port":
                    options = options with { AdminPort = port };
                    break;
                case "--link-port":
                    options = options with { LinkPort = port };
                    break;
                case "--metrics-port":
                    options = options with { MetricsPort = port };
                    break;
                case "--first-port" when port is >= 1 and <= 65535 - Ports:
                    options = options with { FirstPort = port };
                    break;
                default:
                    problem = $"{arguments[i]} {arguments[i + 1]} is not understood.";
                    return null;
            }
        }

        return options;
    }
}

using System.Net;
using Portunus.Soaks.Edges;

namespace Portunus.Soaks.Runs;

/// <summary>The rules that no reload touches, one of each kind.</summary>
internal static class SteadyRules
{
    private const int Port = SoakAddresses.FirstPort;

    /// <summary>The port that most of the traffic goes through has no cap.</summary>
    public const string Capped = "steady-capped";

    public const long CappedRate = 2_000_000;

    public static IReadOnlyList<SoakRule> Make(SoakAddresses addresses)
    {
        IPEndPoint Target(int number) => new(addresses[2], Port + number);
        return
        [
            new SoakRule { Name = "steady-plain", Address = addresses[1], Port = Port + 1, Targets = [Target(1)], Note = "nobody touches this" },
            new SoakRule { Name = "steady-range", Address = addresses[1], Port = Port + 10, Ports = 3, Targets = [Target(10)] },
            new SoakRule
            {
                Name = Capped,
                Address = addresses[1],
                Port = Port + 3,
                Targets = [Target(3)],
                Limits = new Dictionary<string, long> { ["bytes_per_second_in"] = CappedRate, ["bytes_per_second_out"] = CappedRate, ["concurrent_flows"] = 500 },
            },
            new SoakRule { Name = "steady-access", Address = addresses[1], Port = Port + 4, Targets = [Target(4)], Allow = ["127.0.0.0/8", "10.0.0.0/8"], Deny = ["10.1.0.0/16"] },
            new SoakRule { Name = "steady-two", Address = addresses[1], Port = Port + 5, Targets = [Target(5), Target(6)], Balance = "round_robin" },
        ];
    }
}

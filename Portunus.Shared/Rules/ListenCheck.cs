using System.Net;

namespace Portunus.Shared.Rules;

/// <summary>Where a rule listens.</summary>
internal static class ListenCheck
{
    public static (IPAddress? Address, PortRange? Ports) Check(RuleSpec spec, ProblemList problems) =>
        (Address(spec.ListenAddress, problems), Ports(spec, problems));

    private static IPAddress? Address(string? text, ProblemList problems)
    {
        if (text is null)
        {
            return null;
        }

        if (!HostName.TryParseLiteral(text, out var address))
        {
            problems.Add("listen_address_malformed", "listen_address",
                $"listen_address must be an IPv4 or IPv6 address; this is \"{text}\". Leave it out to listen on all addresses.");
        }
        else if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        return address;
    }

    private static PortRange? Ports(RuleSpec spec, ProblemList problems)
    {
        if (spec.ListenPort is not null && spec.ListenPorts is not null)
        {
            problems.Add("listen_port_twice", "listen_ports", "Give listen_port or listen_ports, not both.");
            return null;
        }

        if (spec.ListenPort is { } port)
        {
            if (port is < 1 or > 65535)
            {
                problems.Add("out_of_range", "listen_port", $"listen_port must be between 1 and 65535; this is {port}.");
                return null;
            }

            return PortRange.Single((int)port);
        }

        if (spec.ListenPorts is null)
        {
            problems.Add("listen_port_missing", "listen_port", "A rule needs listen_port, or listen_ports for a range.");
            return null;
        }

        if (!PortRange.TryParse(spec.ListenPorts, out var ports, out var reason))
        {
            problems.Add("listen_ports_malformed", "listen_ports", $"listen_ports: {reason}");
            return null;
        }

        if (ports.Length > PortRange.MaxLength)
        {
            problems.Add("listen_ports_too_many", "listen_ports", $"A rule may listen on at most {PortRange.MaxLength} ports; {ports} are {ports.Length}.");
            return null;
        }

        return ports;
    }
}

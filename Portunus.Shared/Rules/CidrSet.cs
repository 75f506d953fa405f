using System.Net;

namespace Portunus.Shared.Rules;

/// <summary>A set of IPv4 and IPv6 prefixes, built once and asked without allocation.</summary>
public sealed class CidrSet
{
    private readonly IPNetwork[] _networks;

    public CidrSet(IEnumerable<IPNetwork> networks) => _networks = [.. networks];

    /// <summary>Whether an address (4 or 16 bytes, network order) lies in one of the prefixes. IPv4-mapped addresses must be unmapped by the caller.</summary>
    public bool Contains(ReadOnlySpan<byte> address)
    {
        var ip = new IPAddress(address);
        foreach (var network in _networks)
        {
            if (network.Contains(ip))
            {
                return true;
            }
        }

        return false;
    }
}

using System.Net;
using Portunus.Shared.Rules;

namespace Portunus.Edge.Targets;

/// <summary>The names of hosts(5): an address and its names on each line. Lines that make no sense are passed over.</summary>
internal sealed class HostsTable
{
    public static readonly HostsTable Empty = new([]);

    private readonly Dictionary<string, IPAddress[]> _addresses;

    private HostsTable(Dictionary<string, IPAddress[]> addresses) => _addresses = addresses;

    /// <summary>All addresses of a name in lower case, in the order of the file; null where it is not listed.</summary>
    public IPAddress[]? Find(string name) => _addresses.GetValueOrDefault(name);

    public static HostsTable Read(string text)
    {
        var addresses = new Dictionary<string, IPAddress[]>(StringComparer.Ordinal);
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var comment = line.IndexOf('#');
            var words = line[..(comment < 0 ? line.Length : comment)].ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || !HostName.TryParseLiteral(words[0], out var address))
            {
                continue;
            }

            address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
            foreach (var word in words.Skip(1))
            {
                var name = word.TrimEnd('.').ToLowerInvariant();
                var known = addresses.GetValueOrDefault(name) ?? [];
                if (!known.Contains(address))
                {
                    addresses[name] = [.. known, address];
                }
            }
        }

        return new HostsTable(addresses);
    }
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Portunus.Shared.Rules;

/// <summary>
/// A set of IPv4 and IPv6 prefixes: a binary trie for each family, built once, asked without allocation in at most as many
/// steps as the address has bits. A prefix that lies within another takes no room of its own.
/// </summary>
public sealed class CidrSet
{
    // Each node is two links; 0 is "nothing below", Inside "everything below".
    private const int Inside = -1;

    private readonly List<int> _links = [0, 0, 0, 0];

    public CidrSet(IEnumerable<IPNetwork> networks)
    {
        ArgumentNullException.ThrowIfNull(networks);
        foreach (var network in networks)
        {
            Add(network);
            Count++;
        }

        Links = [.. _links];
        _links.Clear();
    }

    /// <summary>Prefixes it was built from.</summary>
    public int Count { get; }

    private int[] Links { get; }

    /// <summary>
    /// Reads <c>address/length</c>, or a plain address as a prefix of one. Bits set beyond the length are refused, because they
    /// show that the writer meant something else; the sentence gives the corrected form.
    /// </summary>
    public static bool TryParsePrefix(string? text, out IPNetwork network, out string reason)
    {
        network = default;
        reason = "";
        var trimmed = (text ?? "").Trim();
        var slash = trimmed.IndexOf('/');
        if (!HostName.TryParseLiteral(slash < 0 ? trimmed : trimmed[..slash], out var address) || trimmed.Contains('[') || address.ScopeIdOrZero() != 0)
        {
            reason = $"\"{text}\" is not an address or a prefix such as 10.0.0.0/8 or 2001:db8::/32.";
            return false;
        }

        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var length = bits;
        if (slash >= 0 && (!int.TryParse(trimmed[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > bits))
        {
            reason = $"\"{text}\": the prefix length must be between 0 and {bits}.";
            return false;
        }

        if (address.IsIPv4MappedToIPv6 && length >= 96)
        {
            address = address.MapToIPv4();
            length -= 96;
        }

        var masked = Mask(address, length);
        if (!masked.Equals(address))
        {
            reason = $"\"{text}\" has bits set beyond its length; the prefix is {masked}/{length}.";
            return false;
        }

        network = new IPNetwork(masked, length);
        return true;
    }

    /// <summary>Whether the same prefixes were given in the same order; in another order the same set may answer false.</summary>
    public bool IsBuiltLike(CidrSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Links.AsSpan().SequenceEqual(other.Links);
    }

    /// <summary>Whether an address (4 or 16 bytes, network order) lies in one of the prefixes. IPv4-mapped addresses must be unmapped by the caller.</summary>
    public bool Contains(ReadOnlySpan<byte> address)
    {
        var links = Links;
        var node = address.Length == 4 ? 0 : 2;
        // A root that is all inside (length 0) says so in its first link with its second the same.
        for (var bit = 0; bit < address.Length * 8; bit++)
        {
            var next = links[node + ((address[bit >> 3] >> (7 - (bit & 7))) & 1)];
            if (next <= 0)
            {
                return next == Inside;
            }

            node = next;
        }

        return false;
    }

    private void Add(IPNetwork network)
    {
        Span<byte> address = stackalloc byte[16];
        network.BaseAddress.TryWriteBytes(address, out var length);
        var node = length == 4 ? 0 : 2;
        if (network.PrefixLength == 0)
        {
            _links[node] = Inside;
            _links[node + 1] = Inside;
            return;
        }

        for (var bit = 0; bit < network.PrefixLength; bit++)
        {
            var link = node + ((address[bit >> 3] >> (7 - (bit & 7))) & 1);
            if (_links[link] == Inside)
            {
                return;
            }

            if (bit == network.PrefixLength - 1)
            {
                _links[link] = Inside;
                return;
            }

            if (_links[link] == 0)
            {
                _links[link] = _links.Count;
                _links.Add(0);
                _links.Add(0);
            }

            node = _links[link];
        }
    }

    private static IPAddress Mask(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var kept = Math.Clamp(length - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xFF << (8 - kept));
        }

        return new IPAddress(bytes);
    }
}

/// <summary>IPv6 scopes, which IPv4 addresses do not have.</summary>
internal static class AddressScope
{
    public static long ScopeIdOrZero(this IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? address.ScopeId : 0;
}

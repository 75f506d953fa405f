using System.Net;
using Microsoft.Extensions.Logging;
using Portunus.Edge.Native;

namespace Portunus.Edge.Targets;

/// <summary>
/// Which addresses a rule may not reach that is not allowed local targets: whatever ends on this machine or on its own link. Asked
/// for each address about to be dialled, after its name was resolved, so that a name whose answer changes does not get around it.
/// Any thread; allocates nothing.
/// </summary>
internal sealed class TargetGuard : IDisposable
{
    /// <summary>Why a target that has no other address is down.</summary>
    public const string Reason = "it is on this machine or its own link, which the rule may not reach";

    private readonly Lock _gate = new();
    private readonly int _routes;
    private uint _sequence;
    private bool _isDisposed;

    public TargetGuard(ILogger log)
    {
        var opened = RouteCalls.Open();
        _routes = opened.IsOk ? opened.Value : -1;
        if (!opened.IsOk)
        {
            log.RoutesUnknown(opened.Error);
        }
    }

    /// <summary>Whether nothing may be sent there. Where the kernel does not say whose an address is, nothing may.</summary>
    public bool Refuses(in SockAddr address)
    {
        var plain = address.Unmapped();
        return IsNever(plain) || IsOwn(plain) || (TryFindEmbedded(plain, out var embedded) && (IsNever(embedded) || IsOwn(embedded)));
    }

    /// <inheritdoc cref="Refuses(in SockAddr)"/>
    public bool Refuses(IPAddress address) => Refuses(SockAddr.From(address, 0));

    public void Dispose()
    {
        lock (_gate)
        {
            if (!_isDisposed && _routes >= 0)
            {
                PipeCalls.Close(_routes);
            }

            _isDisposed = true;
        }
    }

    /// <summary>
    /// Addresses that are local whatever the tables say: "this host" (RFC 1122 3.2.1.3; the kernel takes a connect to it for one to loopback),
    /// loopback, link-local, and multicast, of which this machine gets a copy.
    /// </summary>
    private static bool IsNever(in SockAddr address)
    {
        var bytes = address.Address;
        if (address.Family == SockAddr.FamilyInet)
        {
            return bytes[0] is 0 or 127 || (bytes[0] == 169 && bytes[1] == 254) || (bytes[0] & 0xF0) == 224 || bytes.IndexOfAnyExcept((byte)255) < 0;
        }

        return address.IsAny || address.IsLoopback || (bytes[0] == 0xFE && (bytes[1] & 0xC0) == 0x80) || bytes[0] == 0xFF || IsMetadata(bytes);
    }

    /// <summary>fd00:ec2::254: what a virtual machine's host tells it, as 169.254.169.254 does, at an address that is not link-local.</summary>
    private static bool IsMetadata(ReadOnlySpan<byte> v6) =>
        v6[0] == 0xFD && v6[1] == 0 && v6[2] == 0x0E && v6[3] == 0xC2 && v6[4..14].IndexOfAnyExcept((byte)0) < 0 && v6[14] == 0x02 && v6[15] == 0x54;

    /// <summary>
    /// The IPv4 address within an IPv6 one that a translator or tunnel, on this machine perhaps, makes it into: NAT64 (RFC 6052, RFC 8215,
    /// the form with the address at the end), 6to4 (RFC 3056), and the long abandoned compatible form (RFC 4291 2.5.5.1).
    /// </summary>
    private static bool TryFindEmbedded(in SockAddr address, out SockAddr embedded)
    {
        embedded = default;
        if (address.Family != SockAddr.FamilyInet6)
        {
            return false;
        }

        var bytes = address.Address;
        ReadOnlySpan<byte> nat64 = [0x00, 0x64, 0xFF, 0x9B];
        var at = bytes[0] == 0x20 && bytes[1] == 0x02 ? 2
            : bytes.StartsWith(nat64) || bytes[..12].IndexOfAnyExcept((byte)0) < 0 ? 12
            : -1;
        if (at < 0)
        {
            return false;
        }

        embedded = SockAddr.FromBytes(SockAddr.FamilyInet, BitConverter.ToUInt32(bytes.Slice(at, 4)), 0);
        return true;
    }

    private bool IsOwn(in SockAddr address)
    {
        SysResult kind;
        lock (_gate)
        {
            if (_routes < 0 || _isDisposed)
            {
                return true;
            }

            kind = RouteCalls.KindOf(_routes, address, ++_sequence);
        }

        // Where no way leads, the connect says so itself; any other error leaves open whose the address is.
        return kind.IsOk
            ? (RouteKind)kind.Value is RouteKind.Local or RouteKind.Broadcast or RouteKind.Anycast or RouteKind.Multicast
            : !kind.Error.IsUnreachable() && kind.Error != Errno.EINVAL;
    }
}

using Portunus.Edge.Native;
using Portunus.Shared.Rules;

namespace Portunus.Edge.Limits;

/// <summary>Who may connect: deny wins, and with an allow list everyone not on it is refused.</summary>
internal sealed class SourceAccess
{
    private readonly CidrSet? _allow;
    private readonly CidrSet? _deny;

    public SourceAccess(CidrSet? allow, CidrSet? deny)
    {
        _allow = allow;
        _deny = deny;
    }

    /// <summary>Asks for a peer's address, unmapped from its IPv4-mapped form.</summary>
    public bool Allows(in SockAddr peer) =>
        (_deny is null || !_deny.Contains(peer.Address)) && (_allow is null || _allow.Contains(peer.Address));
}

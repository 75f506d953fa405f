namespace Portunus.Shared.Rules;

/// <summary>What a rule listens for. TCP and UDP may share a port number.</summary>
public enum TransportProtocol
{
    Tcp,
    Udp,
}

namespace Portunus.Shared.Rules;

/// <summary>Which PROXY protocol header a target is sent ahead of the payload (HAProxy's proxy-protocol.txt).</summary>
public enum ProxyHeaderVersion
{
    None,

    /// <summary>TCP only: the text line.</summary>
    V1,

    /// <summary>TCP: the binary header; UDP: the same, in the first datagram of a flow.</summary>
    V2,

    /// <summary>UDP only: the binary header in each datagram.</summary>
    V2Each,
}

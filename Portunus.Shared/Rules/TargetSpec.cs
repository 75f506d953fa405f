namespace Portunus.Shared.Rules;

/// <summary>One entry of a rule's <c>targets</c>, as asked: nothing here has been checked.</summary>
public sealed record TargetSpec
{
    /// <summary>IPv4 literal, IPv6 literal with or without brackets, or a DNS name.</summary>
    public string? Host { get; init; }

    /// <summary>1–65535. In a range rule this is the target's first port, and the offset of the listening port applies.</summary>
    [Bounds(1, 65535)]
    public long? Port { get; init; }

    /// <summary>0–99, lower is preferred, ties by order. Default 0.</summary>
    [Bounds(0, 99)]
    public long? Priority { get; init; }

    /// <summary>1–100. Default 1.</summary>
    [Bounds(1, 100)]
    public long? Weight { get; init; }

    /// <summary><c>v1</c>, <c>v2</c> or <c>v2-each</c>; absent or empty means none.</summary>
    [Words("v1", "v2", "v2-each")]
    public string? ProxyProtocol { get; init; }
}

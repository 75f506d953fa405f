namespace Portunus.Shared.Rules;

/// <summary>An active probe of a rule's targets, as asked.</summary>
public sealed record HealthCheckSpec
{
    /// <summary>1–3600 seconds between two probes of one target.</summary>
    [Bounds(1, 3600)]
    public long? IntervalSeconds { get; init; }

    /// <summary>100–60000 ms. Default 2000.</summary>
    [Bounds(100, 60000)]
    public long? TimeoutMs { get; init; }

    /// <summary>1–10 successes in a row that bring a target up. Default 2.</summary>
    [Bounds(1, 10)]
    public long? Rise { get; init; }

    /// <summary>1–10 failures in a row that take a target down. Default 3.</summary>
    [Bounds(1, 10)]
    public long? Fall { get; init; }

    /// <summary><c>connect</c> (TCP, the default there), or for UDP, where it must be named, <c>dns</c>, <c>stun</c>, <c>ntp</c>, <c>raw</c>.</summary>
    [Words("connect", "dns", "stun", "ntp", "raw")]
    public string? Probe { get; init; }

    /// <summary>Hex bytes to send (probe <c>raw</c>).</summary>
    public string? Send { get; init; }

    /// <summary>Hex bytes that the answer must begin with (probe <c>raw</c>).</summary>
    public string? Expect { get; init; }
}

namespace Portunus.Shared.Rules;

/// <summary>What a rule, or an owner over all own rules on an edge, may use. Each is optional; 0 is refused.</summary>
public sealed record LimitSpec
{
    /// <summary>Bytes per second towards the target.</summary>
    [Bounds(1, LimitCheck.MaxBytesPerSecond)]
    public long? BytesPerSecondIn { get; init; }

    /// <summary>Bytes per second back to the connecting side.</summary>
    [Bounds(1, LimitCheck.MaxBytesPerSecond)]
    public long? BytesPerSecondOut { get; init; }

    /// <summary>Bytes that may pass at once after a quiet time; between a hundredth of a second and a minute of the rate; default one second of it.</summary>
    public long? BurstBytesIn { get; init; }

    /// <summary>As <c>burst_bytes_in</c>, the way back.</summary>
    public long? BurstBytesOut { get; init; }

    /// <summary>New flows accepted per second.</summary>
    [Bounds(1, LimitCheck.MaxFlows)]
    public long? NewFlowsPerSecond { get; init; }

    /// <summary>New flows accepted at once after a quiet time; same bounds and default as the byte bursts.</summary>
    public long? NewFlowsBurst { get; init; }

    /// <summary>Flows open at one time.</summary>
    [Bounds(1, LimitCheck.MaxFlows)]
    public long? ConcurrentFlows { get; init; }

    /// <summary>No limit at all.</summary>
    public static LimitSpec None { get; } = new();
}

namespace Portunus.Soaks.Streams;

/// <summary>What a stream does.</summary>
internal sealed record StreamShape
{
    /// <summary>For people.</summary>
    public required string Kind { get; init; }

    /// <summary>Bytes each way; <see cref="long.MaxValue"/> is until the stream is told to finish.</summary>
    public long BytesIn { get; init; } = long.MaxValue;

    public long BytesOut { get; init; } = long.MaxValue;

    /// <summary>Little is kept in the sockets of this side, so that a slow stream finishes soon after it is told to.</summary>
    public bool HasSmallBuffers { get; init; }

    /// <summary>Each way; 0 is as fast as it goes.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>This many bytes each way at the start, silence, and as many again when told to finish.</summary>
    public int IdleBytes { get; init; }

    /// <summary>The target's side ends its way first, whatever it still receives.</summary>
    public bool IsAnsweredFirst { get; init; }

    /// <summary>Targets and peers break off, so an early end is no finding. A wrong byte always is.</summary>
    public bool MayBreak { get; init; }

    /// <summary>The connecting side resets after this many bytes of its own; 0 is never.</summary>
    public long ResetsAfter { get; init; }
}

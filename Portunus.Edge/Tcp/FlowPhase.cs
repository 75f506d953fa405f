namespace Portunus.Edge.Tcp;

/// <summary>Where a TCP flow stands.</summary>
internal enum FlowPhase
{
    /// <summary>In the pool, or over.</summary>
    Closed,

    /// <summary>Waits for the first answer to a name.</summary>
    Resolving,

    /// <summary>A connect is under way.</summary>
    Connecting,

    Relaying,

    /// <summary>
    /// One side has broken; what was already read is delivered to the other, which is then reset (SO_LINGER 0 would throw
    /// away what the peer has not acknowledged, so that is waited for, bounded).
    /// </summary>
    Resetting,
}

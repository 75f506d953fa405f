namespace Portunus.Soaks.Streams;

/// <summary>How a short connection goes and ends.</summary>
internal enum Exchange
{
    /// <summary>The connecting side closes after the answer, the target after it.</summary>
    Closed,

    /// <summary>The target closes with its answer.</summary>
    ClosedByTarget,

    /// <summary>The connecting side ends its way with the request; the answer comes after that.</summary>
    HalfClosed,

    /// <summary>The connecting side resets after the answer.</summary>
    Reset,

    /// <summary>The target resets after the connecting side has the answer.</summary>
    ResetByTarget,

    /// <summary>There is no target.</summary>
    Refused,
}

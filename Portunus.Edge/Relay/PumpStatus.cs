namespace Portunus.Edge.Relay;

/// <summary>How a pump left its direction.</summary>
internal enum PumpStatus
{
    /// <summary>Everything read was delivered; more may come.</summary>
    Drained,

    /// <summary>The sink would not take everything: wait until it is writable.</summary>
    Waiting,

    /// <summary>Out of tokens: wait until some have accrued.</summary>
    Starved,

    /// <summary>The source has sent its end and nothing waits.</summary>
    Ended,

    /// <summary>Reading failed.</summary>
    SourceBroken,

    /// <summary>Writing failed; what was read for this sink is lost, as it would be without us.</summary>
    SinkBroken,

    /// <summary>
    /// No pipe to be had, the kernel refuses to splice these two, or it says that this is the end: copy instead. Nothing was read.
    /// </summary>
    CannotSplice,
}

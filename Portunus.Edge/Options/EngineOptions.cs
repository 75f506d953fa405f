namespace Portunus.Edge.Options;

/// <summary>How the engine uses the machine. Read once at start.</summary>
internal sealed record EngineOptions
{
    /// <summary>Event loops. Default 0: one for each usable CPU.</summary>
    public int Loops { get; init; }
}

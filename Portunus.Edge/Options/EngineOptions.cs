namespace Portunus.Edge.Options;

/// <summary>How the engine uses the machine. Read once at start.</summary>
internal sealed record EngineOptions
{
    /// <summary>Event loops. Default 0: one for each usable CPU.</summary>
    public int Loops { get; init; }

    /// <summary>How long the flows of a rule that was removed or disabled without further word may go on. Default 30 s.</summary>
    public TimeSpan RemovalDrain { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Connections the kernel may queue for one listening port (listen(2)); it cuts this to net.core.somaxconn. Default 4096.</summary>
    public int Backlog { get; init; } = 4096;
}

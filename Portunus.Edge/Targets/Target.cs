using Portunus.Edge.Native;

namespace Portunus.Edge.Targets;

/// <summary>
/// A place to forward to: one host and first port of one rule. It outlives changes of the rule, so that health and counters
/// are kept; what a change may alter (priority, weight, header) is in <see cref="TargetEntry"/>.
/// </summary>
internal sealed class Target
{
    private NameEntry? _names;
    private long _activeFlows;

    public Target(string host, SockAddr literal, int firstPort, TimeProvider time)
    {
        Host = host;
        Literal = literal;
        FirstPort = firstPort;
        Health = new TargetHealth(time);
    }

    public string Host { get; }

    /// <summary>The address where <see cref="Host"/> is one, else empty.</summary>
    public SockAddr Literal { get; }

    /// <summary>The port that belongs to the rule's first listening port.</summary>
    public int FirstPort { get; }

    public TargetHealth Health { get; }

    /// <summary>Addresses of a named host; null for a literal.</summary>
    public NameEntry? Names
    {
        get => Volatile.Read(ref _names);
        set => Volatile.Write(ref _names, value);
    }

    /// <summary>Under which the rule's counters know it.</summary>
    public int Number { get; set; }

    /// <summary>Open flows over all loops.</summary>
    public long ActiveFlows => Interlocked.Read(ref _activeFlows);

    public void AddFlows(int delta) => Interlocked.Add(ref _activeFlows, delta);
}

/// <summary>A target within one revision of a rule.</summary>
internal sealed record TargetEntry(Target Target, int Priority, int Weight, Portunus.Shared.Rules.ProxyHeaderVersion ProxyHeader);

using System.Globalization;

namespace Portunus.Shared.Rules;

/// <summary>One port, or a contiguous run of them, both ends included.</summary>
public readonly record struct PortRange(int First, int Last)
{
    /// <summary>The most ports that one rule may listen on.</summary>
    public const int MaxLength = 1024;

    /// <summary>The range of one port.</summary>
    public static PortRange Single(int port) => new(port, port);

    /// <summary>How many ports it holds.</summary>
    public int Length => Last - First + 1;

    /// <summary>Whether it is one port only.</summary>
    public bool IsSingle => First == Last;

    public bool Contains(int port) => port >= First && port <= Last;

    public bool Overlaps(PortRange other) => First <= other.Last && other.First <= Last;

    public override string ToString() => IsSingle
        ? First.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");
}

namespace Portunus.Load;

/// <summary>One load of datagrams: what a run sends.</summary>
/// <param name="Flows">That take turns.</param>
/// <param name="Size">Bytes of each datagram.</param>
/// <param name="Megabits">Offered in a second.</param>
internal sealed record UdpCell(int Flows, int Size, int Megabits)
{
    public static IReadOnlyList<int> FlowCounts { get; } = [1, 1000];

    public static IReadOnlyList<int> Sizes { get; } = [200, 1200, 8000];

    public static IReadOnlyList<int> Rates { get; } = [100, 500, 1000, 2000];

    /// <summary>The loads of the sweep.</summary>
    public static IReadOnlyList<UdpCell> All { get; } = [.. from flows in FlowCounts from size in Sizes from rate in Rates select new UdpCell(flows, size, rate)];

    /// <summary>The load that promises are about: 1 Gbit/s of 1,200 bytes.</summary>
    public static UdpCell Promised(int flows) => new(flows, 1200, 1000);

    /// <summary>A figure of this load in the sweep.</summary>
    public string Figure(string what) => $"udpsweep.{what}.{Flows}.{Size}.{Megabits}";

    public string Text => $"{Flows} flow{(Flows == 1 ? "" : "s")}, {Size} B, {Megabits} Mbit/s";
}

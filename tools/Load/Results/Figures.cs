using Portunus.Load.Peers;

namespace Portunus.Load.Results;

/// <summary>Names of figures in the ledger, and the tables they are shown in.</summary>
internal static class Figures
{
    public const string CapError = "cap.error";
    public const string CapCpu = "cap.cpu";
    public const string IdleResident = "memory.idle";
    public const string HeldResident = "memory.held";
    public const string HeldFlows = "memory.flows";
    public const string PerFlow = "memory.per_flow";
    public const string StartSeconds = "start.seconds";
    public const string StartResident = "start.resident";
    public const string StartAnonymous = "start.anonymous";
    public const string StartFile = "start.file";

    public const string UdpIdleResident = "udpmemory.idle";
    public const string UdpHeldResident = "udpmemory.held";
    public const string UdpHeldFlows = "udpmemory.flows";
    public const string UdpPerFlow = "udpmemory.per_flow";

    /// <summary>nginx with datagrams; the better variant of a figure counts.</summary>
    public static IReadOnlyList<string> NginxUdp { get; } = [PeerList.NginxUdp, PeerList.NginxUdpLarge];

    /// <summary>The row of the uncapped rule beside the capped one.</summary>
    public const string EdgePaced = "edge, uncapped, paced sender";

    /// <summary>Offered rates of the sweep in Gbit/s.</summary>
    public static IReadOnlyList<double> Offered { get; } = [0.1, 0.3, 1, 3, 10, 12.5, 15, 20];

    public static IReadOnlyList<FigureTable> Tables { get; } =
    [
        Bulk(1),
        Bulk(8),
        Requests("conn", "New connections (one request each)", "connection"),
        Requests("req", "Small requests on kept connections", "request"),
        new("Offered load: delivered / offered", [.. Offered.Select(rate => new FigureColumn(Sweep(rate), $"{rate} Gbit/s", "0.000"))]),
        new("A rule capped at 100 MB/s",
        [
            new("cap.rate", "MB/s", "0.00"),
            new(CapError, "off by %", "0.00"),
            new(CapCpu, "forwarder CPU s/GiB", "0.000"),
        ]),
        new("Memory, resident MiB",
        [
            new(IdleResident, "no flows", "0.0"),
            new(HeldResident, "idle flows held", "0.0"),
            new(HeldFlows, "flows", "0"),
            new(PerFlow, "KiB per flow", "0.00"),
        ]),
        new("Start with 100 rules",
        [
            new(StartSeconds, "exec to all listening, s", "0.000"),
            new(StartResident, "resident MiB", "0.0"),
            new(StartAnonymous, "of it anonymous", "0.0"),
            new(StartFile, "of it file pages (shared)", "0.0"),
        ]),
        Datagrams(1),
        Datagrams(1000),
        .. from flows in UdpCell.FlowCounts from size in UdpCell.Sizes select Swept(flows, size),
        .. UdpCell.FlowCounts.Select(Sent),
        new("Datagrams, request and answer of 200 bytes, 1,000 in a second",
        [
            new("udplatency.p50", "p50 µs", "0"),
            new("udplatency.p99", "p99 µs", "0"),
            new("udplatency.cpu", "forwarder CPU µs/request", "0.0"),
            new("udplatency.loss", "loss %", "0.00"),
        ]),
        new("Datagrams, resident MiB",
        [
            new(UdpIdleResident, "no flows", "0.0"),
            new(UdpHeldResident, "idle flows held", "0.0"),
            new(UdpHeldFlows, "flows", "0"),
            new(UdpPerFlow, "KiB per flow", "0.00"),
        ]),
    ];

    public static string Sweep(double rate) => $"sweep.{rate}";

    private static FigureTable Bulk(int streams) => new($"Bulk, {streams} stream{(streams == 1 ? "" : "s")}",
    [
        new($"bulk{streams}.gbps", "Gbit/s", "0.0"),
        new($"bulk{streams}.cpu", "forwarder CPU s/GiB", "0.000"),
        new($"bulk{streams}.machine", "machine CPU s/GiB", "0.00"),
    ]);

    private static FigureTable Datagrams(int flows) => new($"Datagrams, 1 Gbit/s of 1,200 bytes offered, {FlowsText(flows)}",
    [
        new($"udp{flows}.cpu", "forwarder CPU µs/datagram", "0.00"),
        new($"udp{flows}.machine", "machine CPU µs/datagram", "0.0"),
        new($"udp{flows}.loss", "loss %", "0.00"),
        new($"udp{flows}.sent", "sent / offered", "0.000"),
        new($"udp{flows}.reordered", "reordered", "0"),
        new($"udp{flows}.wrong", "wrong", "0"),
        new($"udp{flows}.excess", "loss above nginx's, points", "0.00"),
    ]);

    private static FigureTable Swept(int flows, int size) => new($"Datagrams of {size} bytes, {FlowsText(flows)}",
    [
        .. UdpCell.Rates.SelectMany(rate => (FigureColumn[])
        [
            new(new UdpCell(flows, size, rate).Figure("loss"), $"{rate} Mbit/s: loss %", "0.00"),
            new(new UdpCell(flows, size, rate).Figure("cpu"), "CPU µs", "0.00"),
        ]),
    ]);

    private static FigureTable Sent(int flows) => new($"Datagrams really sent / offered, {FlowsText(flows)}",
    [
        .. from size in UdpCell.Sizes
           from rate in UdpCell.Rates
           select new FigureColumn(new UdpCell(flows, size, rate).Figure("sent"), $"{size} B, {rate}", "0.00"),
        new($"udpsweep.excess{flows}", "loss above nginx's, points", "0.00"),
    ]);

    private static string FlowsText(int flows) => flows == 1 ? "1 flow" : $"{flows:N0} flows";

    private static FigureTable Requests(string name, string title, string unit) => new(title,
    [
        new($"{name}.cpu", $"forwarder CPU µs/{unit}", "0.0"),
        new($"{name}.machine", $"machine CPU µs/{unit}", "0"),
        new($"{name}.rate", "per second", "0"),
        new($"{name}.p99", "p99 ms", "0.00"),
    ]);
}

/// <summary>A table of the report: rows are peers.</summary>
internal sealed record FigureTable(string Title, IReadOnlyList<FigureColumn> Columns);

/// <summary>A column: the figure, its heading, and how its numbers are written.</summary>
internal sealed record FigureColumn(string Figure, string Heading, string Format);

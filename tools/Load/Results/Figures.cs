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
    ];

    public static string Sweep(double rate) => $"sweep.{rate}";

    private static FigureTable Bulk(int streams) => new($"Bulk, {streams} stream{(streams == 1 ? "" : "s")}",
    [
        new($"bulk{streams}.gbps", "Gbit/s", "0.0"),
        new($"bulk{streams}.cpu", "forwarder CPU s/GiB", "0.000"),
        new($"bulk{streams}.machine", "machine CPU s/GiB", "0.00"),
    ]);

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

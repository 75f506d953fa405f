namespace Portunus.Web.Database;

/// <summary>What is kept for good of a rule's traffic. Every field only grows.</summary>
/// <param name="BytesIn">Delivered to targets.</param>
/// <param name="BytesOut">Delivered to the connecting side.</param>
/// <param name="Flows">Flows that reached the relay.</param>
/// <param name="DatagramsIn">Sent to targets.</param>
/// <param name="DatagramsOut">Sent to the connecting side.</param>
/// <param name="DropsIn">Datagrams towards targets that were not passed on.</param>
/// <param name="DropsOut">Datagrams on the way back that were not passed on.</param>
/// <param name="Accepted">Connections taken from the kernel, refused ones included.</param>
/// <param name="Refused">Of them, refused by allow, deny or a limit.</param>
/// <param name="Failed">Of them, ended without reaching a target, or by a fault.</param>
internal readonly record struct LedgerCount(
    long BytesIn, long BytesOut, long Flows, long DatagramsIn, long DatagramsOut, long DropsIn, long DropsOut, long Accepted, long Refused, long Failed)
{
    /// <summary>No field of one boot may be above it; 100 Gbit/s need 267 days for it.</summary>
    public const long Most = 1L << 58;

    /// <summary>Stops at the largest number instead of turning negative: an edge that lies must not turn the sums of others.</summary>
    public static LedgerCount operator +(LedgerCount a, LedgerCount b) => new(
        Sum(a.BytesIn, b.BytesIn), Sum(a.BytesOut, b.BytesOut), Sum(a.Flows, b.Flows), Sum(a.DatagramsIn, b.DatagramsIn), Sum(a.DatagramsOut, b.DatagramsOut),
        Sum(a.DropsIn, b.DropsIn), Sum(a.DropsOut, b.DropsOut), Sum(a.Accepted, b.Accepted), Sum(a.Refused, b.Refused), Sum(a.Failed, b.Failed));

    public static LedgerCount operator -(LedgerCount a, LedgerCount b) => new(
        a.BytesIn - b.BytesIn, a.BytesOut - b.BytesOut, a.Flows - b.Flows, a.DatagramsIn - b.DatagramsIn, a.DatagramsOut - b.DatagramsOut,
        a.DropsIn - b.DropsIn, a.DropsOut - b.DropsOut, a.Accepted - b.Accepted, a.Refused - b.Refused, a.Failed - b.Failed);

    /// <summary>The larger of each field.</summary>
    public static LedgerCount Max(LedgerCount a, LedgerCount b) => new(
        Math.Max(a.BytesIn, b.BytesIn), Math.Max(a.BytesOut, b.BytesOut), Math.Max(a.Flows, b.Flows), Math.Max(a.DatagramsIn, b.DatagramsIn),
        Math.Max(a.DatagramsOut, b.DatagramsOut), Math.Max(a.DropsIn, b.DropsIn), Math.Max(a.DropsOut, b.DropsOut),
        Math.Max(a.Accepted, b.Accepted), Math.Max(a.Refused, b.Refused), Math.Max(a.Failed, b.Failed));

    /// <summary>Whether every field is a count that can be.</summary>
    public bool IsPlausible => Is(BytesIn) && Is(BytesOut) && Is(Flows) && Is(DatagramsIn) && Is(DatagramsOut) && Is(DropsIn) && Is(DropsOut) && Is(Accepted) && Is(Refused) && Is(Failed);

    private static long Sum(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;

    private static bool Is(long value) => value is >= 0 and <= Most;
}

using Portunus.Web.Database;

namespace Portunus.Web.Traffic;

/// <summary>The fields of the rings, in their order.</summary>
internal static class TrafficAmounts
{
    public const int BytesIn = 0;
    public const int BytesOut = 1;
    public const int Flows = 2;
    public const int DatagramsIn = 3;
    public const int DatagramsOut = 4;

    /// <summary>Refused and failed connections, and dropped datagrams.</summary>
    public const int NotPassed = 5;

    /// <summary>Fields of owners and the fleet.</summary>
    public const int All = 6;

    /// <summary>Of edges only: seconds of which it told at all, so that a gap is not taken for silence.</summary>
    public const int Told = 6;

    /// <summary>Fields of edges.</summary>
    public const int OfEdge = 7;

    /// <summary>Fields of a rule: of ten thousand rules there is room for bytes only.</summary>
    public const int OfRule = 2;

    /// <summary>Writes a difference in this order, as many fields as there is room for.</summary>
    public static void Write(LedgerCount delta, Span<double> into)
    {
        into[BytesIn] = delta.BytesIn;
        into[BytesOut] = delta.BytesOut;
        if (into.Length >= All)
        {
            into[Flows] = delta.Flows;
            into[DatagramsIn] = delta.DatagramsIn;
            into[DatagramsOut] = delta.DatagramsOut;
            into[NotPassed] = delta.Refused + delta.Failed + delta.DropsIn + delta.DropsOut;
        }
    }
}

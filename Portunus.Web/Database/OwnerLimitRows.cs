using Portunus.Shared.Rules;
using Portunus.Web.Database.Tables;

namespace Portunus.Web.Database;

/// <summary>Limits of an owner ↔ their row.</summary>
internal static class OwnerLimitRows
{
    public static LimitSpec Spec(OwnerLimit row) => new()
    {
        BytesPerSecondIn = row.BytesPerSecondIn,
        BytesPerSecondOut = row.BytesPerSecondOut,
        BurstBytesIn = row.BurstBytesIn,
        BurstBytesOut = row.BurstBytesOut,
        NewFlowsPerSecond = row.NewFlowsPerSecond,
        NewFlowsBurst = row.NewFlowsBurst,
        ConcurrentFlows = row.ConcurrentFlows,
    };

    public static void Write(OwnerLimit row, LimitSpec spec)
    {
        row.BytesPerSecondIn = spec.BytesPerSecondIn;
        row.BytesPerSecondOut = spec.BytesPerSecondOut;
        row.BurstBytesIn = spec.BurstBytesIn;
        row.BurstBytesOut = spec.BurstBytesOut;
        row.NewFlowsPerSecond = spec.NewFlowsPerSecond;
        row.NewFlowsBurst = spec.NewFlowsBurst;
        row.ConcurrentFlows = spec.ConcurrentFlows;
    }
}

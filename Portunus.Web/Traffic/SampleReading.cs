using Portunus.Shared.Samples;
using Portunus.Web.Database;

namespace Portunus.Web.Traffic;

/// <summary>What an edge tells of a rule → what the ledger keeps. Words that this version does not know count as failed, so that nothing told is lost.</summary>
internal static class SampleReading
{
    private static readonly HashSet<string> s_refusals = new(StringComparer.Ordinal)
    {
        SampleWords.Of(FlowEnd.Denied), SampleWords.Of(FlowEnd.RuleFlowRate), SampleWords.Of(FlowEnd.RuleConcurrent),
        SampleWords.Of(FlowEnd.OwnerFlowRate), SampleWords.Of(FlowEnd.OwnerConcurrent),
    };

    /// <summary>Ends of flows that had reached the relay: neither refused nor failed.</summary>
    private static readonly HashSet<string> s_ends = new(StringComparer.Ordinal)
    {
        SampleWords.Of(FlowEnd.Completed), SampleWords.Of(FlowEnd.DownstreamReset), SampleWords.Of(FlowEnd.UpstreamReset), SampleWords.Of(FlowEnd.SocketFailed),
        SampleWords.Of(FlowEnd.Idle), SampleWords.Of(FlowEnd.Unreachable), SampleWords.Of(FlowEnd.Cut), SampleWords.Of(FlowEnd.DrainDeadline), SampleWords.Of(FlowEnd.Shutdown),
    };

    /// <summary>Null for counts that cannot be: below zero, or above <see cref="LedgerCount.Most"/>.</summary>
    public static LedgerCount? Count(RuleTotals totals)
    {
        var traffic = totals.Traffic;
        var (refused, failed) = (0L, 0L);
        foreach (var (word, count) in totals.Ends ?? Nothing)
        {
            if (!IsPlausible(count))
            {
                return null;
            }

            if (s_refusals.Contains(word))
            {
                refused += count;
            }
            else if (!s_ends.Contains(word))
            {
                failed += count;
            }
        }

        if (Sum(totals.DropsIn) is not { } dropsIn || Sum(totals.DropsOut) is not { } dropsOut)
        {
            return null;
        }

        var read = new LedgerCount(
            traffic.BytesIn, traffic.BytesOut, traffic.FlowsOpened, traffic.DatagramsIn, traffic.DatagramsOut, dropsIn, dropsOut, totals.Accepted, refused, failed);
        return read.IsPlausible ? read : null;
    }

    private static IReadOnlyDictionary<string, long> Nothing { get; } = new Dictionary<string, long>();

    private static long? Sum(IReadOnlyDictionary<string, long>? counts)
    {
        var sum = 0L;
        foreach (var (_, count) in counts ?? Nothing)
        {
            // Each bounded, and a sum that grew too large stays so: it never turns negative on the way.
            if (!IsPlausible(count) || (sum += count) > LedgerCount.Most)
            {
                return null;
            }
        }

        return sum;
    }

    private static bool IsPlausible(long count) => count is >= 0 and <= LedgerCount.Most;
}

using Portunus.Shared.Rules;
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

    /// <summary>Flows that can be open at once: more than any machine has descriptors.</summary>
    private const long MostActive = 1L << 32;

    /// <summary>Targets of a rule.</summary>
    private const int MostTargets = 8;

    /// <summary>Reasons, more than there are.</summary>
    private const int MostWords = 64;

    /// <summary>Letters of a reason or a standing.</summary>
    private const int MostLetters = 32;

    /// <summary>Null for what cannot be: counts below zero or above <see cref="LedgerCount.Most"/>, and lists longer than any rule's, which would be kept.</summary>
    public static LedgerCount? Count(RuleTotals? totals)
    {
        if (totals is null || !IsSound(totals))
        {
            return null;
        }

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

    private static bool IsSound(RuleTotals totals) => totals.Traffic.FlowsActive is >= 0 and <= MostActive
        && IsShort(totals.Ends) && IsShort(totals.DropsIn) && IsShort(totals.DropsOut)
        && (totals.Targets is not { } targets || (targets.Count <= MostTargets && targets.All(IsSound)))
        && (totals.Ports is not { } ports || (ports.Count <= PortRange.MaxLength && ports.All(port => port is not null)));

    private static bool IsSound(TargetTotals? target) => target is { Host.Length: <= 255, Standing.Length: <= MostLetters };

    private static bool IsShort(IReadOnlyDictionary<string, long>? counts) =>
        counts is null || (counts.Count <= MostWords && counts.Keys.All(word => word.Length <= MostLetters));

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

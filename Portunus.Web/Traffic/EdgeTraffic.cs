using Portunus.Shared.Ids;
using Portunus.Shared.Samples;
using Portunus.Web.Database;

namespace Portunus.Web.Traffic;

/// <summary>Everything that is known of an edge's counters. Whoever reads or writes it holds its gate.</summary>
internal sealed class EdgeTraffic(EdgeId id)
{
    public Lock Gate { get; } = new();

    public EdgeId Id { get; } = id;

    public Dictionary<RuleId, RuleTraffic> Rules { get; } = [];

    public Dictionary<Guid, BootTraffic> Boots { get; } = [];

    /// <summary>Shares to be written.</summary>
    public List<LedgerShare> Queue { get; private set; } = [];

    /// <summary>Counters of rules whose owner is being looked up.</summary>
    public Dictionary<(Guid Boot, RuleId Rule), UnreadTotals> Unread { get; } = [];

    /// <summary>Rules that are not this edge's.</summary>
    public HashSet<RuleId> Foreign { get; } = [];

    /// <summary>Rules were made, removed or given away since owners were looked up.</summary>
    public bool IsStale { get; set; }

    /// <summary>The edge was deleted.</summary>
    public bool IsGone { get; set; }

    /// <summary>The boots of its last hello; null before the first.</summary>
    public HashSet<Guid>? Named { get; set; }

    /// <summary>Boots that may come without having been named.</summary>
    public int UnnamedLeft { get; set; } = TrafficIntake.UnnamedBoots;

    /// <summary>All that was ever counted on it.</summary>
    public LedgerCount Total { get; set; }

    public TrafficRing Ring { get; } = new(TrafficAmounts.OfEdge);

    /// <summary>The boot of the newest look that was not of an ended one.</summary>
    public Guid RunningBoot { get; set; }

    /// <summary>When, by our clock, counters of the running boot came last; null before the first.</summary>
    public DateTimeOffset? SampledAt { get; set; }

    public EdgeVitals? Vitals { get; set; }

    /// <summary>Totals that were not taken: the rule is not the edge's, or they cannot be.</summary>
    public long RefusedTotals { get; set; }

    /// <summary>Whether a refusal was logged since the last hello: one line is enough.</summary>
    public bool IsRefusalTold { get; set; }

    public void Enqueue(LedgerShare share)
    {
        if (!share.IsQueued)
        {
            share.IsQueued = true;
            Queue.Add(share);
        }
    }

    /// <summary>Takes what waits to be written.</summary>
    public List<LedgerShare> TakeQueue()
    {
        var taken = Queue;
        Queue = [];
        foreach (var share in taken)
        {
            share.IsQueued = false;
        }

        return taken;
    }
}

/// <summary>Counters that wait until it is known whose rule they are of.</summary>
internal readonly record struct UnreadTotals(RuleTotals Totals, LedgerCount Count, long Sequence, double From, double To);

using Portunus.Shared.Ids;
using Portunus.Web.Database;

namespace Portunus.Web.Traffic;

/// <summary>Whether the data plane forwards for a rule: what its edge told last, while it tells anything.</summary>
internal enum ForwardingState
{
    /// <summary>No counters came for ten seconds, or none of this rule from the running boot.</summary>
    Unknown,

    /// <summary>Nothing has been dialled or probed yet.</summary>
    Idle,

    /// <summary>A target is up.</summary>
    Ok,

    /// <summary>All targets are down.</summary>
    Failing,
}

/// <summary>A fact and its time.</summary>
/// <param name="State">What.</param>
/// <param name="At">When counters came last; null where none came since the control plane started.</param>
internal readonly record struct ForwardingFact(ForwardingState State, DateTimeOffset? At);

/// <summary>Reads what is known of traffic now. Whose it may be shown is for the caller to have asked.</summary>
internal sealed class TrafficReader(TrafficBook book, LedgerReader ledger, PortWatch watch, TimeProvider clock)
{
    /// <summary>Counters that are older say nothing of now.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    /// <summary>Whether a rule's targets were reached when its edge last told of them.</summary>
    public ForwardingFact Forwarding(RuleId id)
    {
        if (book.FindRule(id) is not { } rule)
        {
            return new ForwardingFact(ForwardingState.Unknown, null);
        }

        var now = clock.GetUtcNow();
        lock (rule.Edge.Gate)
        {
            return new ForwardingFact(IsFresh(rule.Edge.SampledAt, now) ? StateOf(rule) : ForwardingState.Unknown, rule.Edge.SampledAt);
        }
    }

    /// <summary>Everything about one rule.</summary>
    /// <param name="id">Which.</param>
    /// <param name="edge">Its edge.</param>
    /// <param name="owner">Only what was counted for this account; null for all.</param>
    /// <param name="withPorts">Each port: its edge is asked for them for half a minute.</param>
    /// <param name="withTargets">Each target.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<RuleTrafficView> RuleAsync(RuleId id, EdgeId edge, AccountId? owner, bool withPorts, bool withTargets, CancellationToken cancel)
    {
        if (withPorts)
        {
            watch.Ask(edge, id);
        }

        var now = clock.GetUtcNow();
        var seconds = TrafficIntake.Seconds(now);
        if (book.FindRule(id) is not { } rule)
        {
            // Nothing came of it since the start: the store has all there is.
            var total = await ledger.TotalAsync(edge, id, owner, cancel);
            var traffic = book.FindEdge(edge);
            return new RuleTrafficView(
                id.ToString(), edge.ToString(), ForwardingState.Unknown, traffic?.SampledAt, TrafficTotals.Of(total), new TrafficNow(null, null), null, null, null, null, null,
                SeriesReader.Seconds([], s_never, seconds), SeriesReader.Minutes([], s_never, seconds));
        }

        lock (rule.Edge.Gate)
        {
            var newest = rule.NewestBoot == rule.Edge.RunningBoot ? rule.Newest : null;
            return new RuleTrafficView(
                id.ToString(), edge.ToString(), IsFresh(rule.Edge.SampledAt, now) ? StateOf(rule) : ForwardingState.Unknown, rule.Edge.SampledAt,
                TrafficTotals.Of(Total(rule, owner)), NowOf(rule, now), newest?.Ends, newest?.DropsIn, newest?.DropsOut,
                withTargets ? [.. (newest?.Targets ?? []).Select(TargetTrafficView.Of)] : null,
                withPorts ? [.. ((newest is null ? null : rule.Ports) ?? []).Select(PortTrafficView.Of)] : null,
                SeriesReader.Seconds([rule.Ring], rule.Edge.Ring, seconds), SeriesReader.Minutes([rule.Ring], rule.Edge.Ring, seconds));
        }
    }

    /// <summary>What changes of a rule from second to second; null before its edge has told of it.</summary>
    public TrafficEvent? RuleNow(RuleId id, AccountId? owner)
    {
        if (book.FindRule(id) is not { } rule)
        {
            return null;
        }

        var now = clock.GetUtcNow();
        lock (rule.Edge.Gate)
        {
            return new TrafficEvent(
                rule.Edge.SampledAt, IsFresh(rule.Edge.SampledAt, now) ? StateOf(rule) : ForwardingState.Unknown, TrafficTotals.Of(Total(rule, owner)), NowOf(rule, now));
        }
    }

    /// <summary>Everything over all rules, or over those of one account.</summary>
    public TrafficView All(AccountId? owner)
    {
        var seconds = TrafficIntake.Seconds(clock.GetUtcNow());
        var (sum, told) = (owner is { } id ? book.FindOwner(id) ?? new OwnerTraffic() : book.Fleet, AllNow(owner));
        return sum.Read(ring => new TrafficView(
            owner is null ? "all" : "own", told.Totals, told.Now, told.SampledAt, SeriesReader.Seconds([ring], null, seconds), SeriesReader.Minutes([ring], null, seconds)));
    }

    /// <summary>What changes over all rules, or over those of one account, from second to second.</summary>
    public TrafficEvent AllNow(AccountId? owner)
    {
        var now = clock.GetUtcNow();
        long? active = null;
        DateTimeOffset? sampledAt = null;
        foreach (var edge in book.Edges)
        {
            lock (edge.Gate)
            {
                sampledAt = edge.SampledAt > (sampledAt ?? DateTimeOffset.MinValue) ? edge.SampledAt : sampledAt;
                if (IsFresh(edge.SampledAt, now))
                {
                    active = (active ?? 0) + Active(edge, owner);
                }
            }
        }

        var sum = owner is { } id ? book.FindOwner(id) ?? new OwnerTraffic() : book.Fleet;
        var rates = active is null ? null : sum.Read(ring => SeriesReader.Rates(ring, TrafficIntake.Seconds(now), isRule: false));
        return new TrafficEvent(sampledAt, null, TrafficTotals.Of(sum.Total), new TrafficNow(active, rates));
    }

    /// <summary>Everything on one edge, or what is one account's there.</summary>
    public async Task<TrafficView> EdgeAsync(EdgeId id, AccountId? owner, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var seconds = TrafficIntake.Seconds(now);
        var total = owner is not null || book.FindEdge(id) is null ? await ledger.TotalAsync(id, null, owner, cancel) : (LedgerCount?)null;
        var edge = book.Edge(id);
        lock (edge.Gate)
        {
            var isFresh = IsFresh(edge.SampledAt, now);
            var rings = owner is null ? [edge.Ring] : edge.Rules.Values.Where(rule => rule.Owner == owner).Select(rule => rule.Ring).ToList();
            var rates = owner is null
                ? SeriesReader.Rates(edge.Ring, seconds, isRule: false)
                : rings.Select(ring => SeriesReader.Rates(ring, seconds, isRule: true)).Aggregate(new TrafficRates(0, 0, null, null, null), SeriesReader.Sum);
            return new TrafficView(
                owner is null ? "all" : "own", TrafficTotals.Of(total ?? edge.Total), new TrafficNow(isFresh ? Active(edge, owner) : null, isFresh ? rates : null), edge.SampledAt,
                SeriesReader.Seconds(rings, edge.Ring, seconds), SeriesReader.Minutes(rings, edge.Ring, seconds));
        }
    }

    private static readonly TrafficRing s_never = new(TrafficAmounts.OfEdge);

    private static bool IsFresh(DateTimeOffset? at, DateTimeOffset now) => at is { } time && now - time <= Fresh;

    private static LedgerCount Total(RuleTraffic rule, AccountId? owner) => rule.Shares
        .Where(share => owner is null || share.Owner == owner).Aggregate(default(LedgerCount), (sum, share) => sum + share.Count);

    private static TrafficNow NowOf(RuleTraffic rule, DateTimeOffset now) => IsFresh(rule.Edge.SampledAt, now)
        ? new TrafficNow(Active(rule), SeriesReader.Rates(rule.Ring, TrafficIntake.Seconds(now), isRule: true))
        : new TrafficNow(null, null);

    private static long? Active(RuleTraffic rule) => rule.NewestBoot == rule.Edge.RunningBoot ? rule.Newest?.Traffic.FlowsActive : null;

    private static long Active(EdgeTraffic edge, AccountId? owner) =>
        edge.Rules.Values.Where(rule => owner is null || rule.Owner == owner).Sum(rule => Active(rule) ?? 0);

    internal static ForwardingState StateOf(RuleTraffic rule)
    {
        if (rule.Newest?.Targets is not { Count: > 0 } targets || rule.NewestBoot != rule.Edge.RunningBoot)
        {
            return ForwardingState.Unknown;
        }

        return targets.Any(target => target.Standing == "up") ? ForwardingState.Ok
            : targets.All(target => target.Standing == "down") ? ForwardingState.Failing
            : ForwardingState.Idle;
    }
}

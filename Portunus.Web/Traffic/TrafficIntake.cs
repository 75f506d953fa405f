using Portunus.Shared.Ids;
using Portunus.Shared.Samples;
using Portunus.Web.Database;
using Portunus.Web.Live;

namespace Portunus.Web.Traffic;

/// <summary>
/// Takes in what edges tell of their counters. Counts are cumulative and only ever raised, so a batch that comes twice, late or out of
/// order changes nothing; what was taken is in memory until <see cref="LedgerWriter"/> has made it durable, and only then is its edge
/// told that it may forget it. Nothing here waits for the store.
/// </summary>
internal sealed class TrafficIntake(TrafficBook book, LiveFeed feed, PortWatch watch, TimeProvider clock, ILogger<TrafficIntake> log)
{
    /// <summary>Counters of an edge that wait for their owners. More come again after the next hello.</summary>
    private const int MostUnread = 50_000;

    /// <summary>Boots of one edge that are remembered, open ones included.</summary>
    private const int MostBoots = 5_000;

    /// <summary>Boots that an edge may tell of beyond those it named in its hello.</summary>
    internal const int UnnamedBoots = 2;

    /// <summary>Called when everything up to a mark is durable; also told again of what its edge sent again. It runs on a thread of the pool and is not to be kept waiting.</summary>
    public Action<EdgeId, SampleMark>? Covered { get; set; }

    /// <summary>Something waits for its owner to be looked up.</summary>
    internal Action? Waiting { get; set; }

    /// <summary>The link of an edge has begun anew: what is durable of the boots it names.</summary>
    /// <param name="edge">Which.</param>
    /// <param name="boots">The running one and the older ones of its hello.</param>
    /// <returns>One mark for each boot of which something is.</returns>
    public IReadOnlyList<SampleMark> Durable(EdgeId edge, IReadOnlyList<Guid> boots)
    {
        var traffic = book.Edge(edge);
        var named = boots.ToHashSet();
        var marks = new List<SampleMark>();
        lock (traffic.Gate)
        {
            (traffic.Named, traffic.UnnamedLeft, traffic.IsRefusalTold) = (named, UnnamedBoots, false);
            traffic.Foreign.Clear();
            foreach (var boot in traffic.Boots.Values)
            {
                // All that is not durable comes again, whole.
                boot.HasHole = false;
                if (named.Contains(boot.Id) && (boot.Covered >= 0 || boot.IsFinal))
                {
                    marks.Add(new SampleMark(boot.Id, Math.Max(0, boot.Covered), boot.IsFinal));
                }
            }
        }

        return marks;
    }

    /// <summary>Takes a batch. Never throws for what is in it: what is wrong is refused and counted.</summary>
    public void Take(EdgeId edge, SampleBatch batch)
    {
        if (batch.Rules is null)
        {
            return;
        }

        var now = clock.GetUtcNow();
        var traffic = book.Edge(edge);
        SampleMark? again = null;
        var isWaiting = false;
        lock (traffic.Gate)
        {
            if (Boot(traffic, batch, now) is not { } boot)
            {
                return;
            }

            if (boot.IsEnded)
            {
                // Its edge has not heard that it is covered.
                again = boot.IsFinal && batch.IsLast ? new SampleMark(boot.Id, Math.Max(0, boot.Covered), IsFinal: true) : null;
            }
            else
            {
                var isNew = !batch.IsFinal && batch.Sequence > boot.Newest;
                var (from, to) = Between(boot, batch, now);
                if (isNew && !double.IsNaN(from))
                {
                    traffic.Ring.Add(from, to, [0, 0, 0, 0, 0, 0, to - from]);
                }

                Take(traffic, boot, batch, from, to);
                isWaiting = traffic.Unread.Count > 0;
                End(traffic, boot, batch, now);
            }
        }

        if (isWaiting)
        {
            Waiting?.Invoke();
        }

        if (again is { } mark)
        {
            Tell(edge, mark);
        }

        if (batch.IsLast && !batch.IsFinal)
        {
            feed.Publish(LiveTopic.Of(LiveKind.EdgeTraffic, edge));
        }
    }

    /// <summary>Rules of an edge whose samples should have their ports.</summary>
    public IReadOnlyList<RuleId> WatchedPorts(EdgeId edge) => watch.Of(edge);

    /// <summary>Tells the link of a mark; a listener's fault is its own.</summary>
    internal void Tell(EdgeId edge, SampleMark mark)
    {
        try
        {
            Covered?.Invoke(edge, mark);
        }
        catch (Exception broken)
        {
            TrafficLog.MarkNotTold(log, broken, edge);
        }
    }

    /// <summary>Raises what a rule's counters say. The edge's gate is held and the rule is its own.</summary>
    internal void Apply(EdgeTraffic edge, BootTraffic boot, RuleTraffic rule, in UnreadTotals read, Dictionary<AccountId, LedgerCount> owners)
    {
        var held = rule.Of(boot.Id);
        var delta = LedgerCount.Max(held, read.Count) - held;
        if (delta != default)
        {
            var owner = rule.OwnerOf(read.Totals.Owner);
            var share = rule.Share(boot.Id, owner);
            share.Count += delta;
            edge.Enqueue(share);
            edge.Total += delta;
            owners[owner] = owners.GetValueOrDefault(owner) + delta;
            if (!double.IsNaN(read.From))
            {
                Span<double> amounts = stackalloc double[TrafficAmounts.OfRule];
                TrafficAmounts.Write(delta, amounts);
                rule.Ring.Add(read.From, read.To, amounts);
            }
        }

        if (boot.Id == edge.RunningBoot && (rule.NewestBoot != boot.Id || read.Sequence >= rule.NewestSequence))
        {
            rule.Tell(boot.Id, read.Sequence, read.Totals);
        }
    }

    /// <summary>Adds what was counted between two instants to the edge, its owners and the fleet.</summary>
    internal void Add(EdgeTraffic edge, Dictionary<AccountId, LedgerCount> owners, double from, double to)
    {
        var sum = default(LedgerCount);
        foreach (var (owner, delta) in owners)
        {
            sum += delta;
            book.Owner(owner).Add(delta, from, to);
        }

        if (sum != default)
        {
            book.Fleet.Add(sum, from, to);
            if (!double.IsNaN(from))
            {
                Span<double> amounts = stackalloc double[TrafficAmounts.OfEdge];
                TrafficAmounts.Write(sum, amounts);
                edge.Ring.Add(from, to, amounts);
            }
        }
    }

    internal void Refuse(EdgeTraffic edge, RuleId rule)
    {
        edge.RefusedTotals++;
        if (!edge.IsRefusalTold)
        {
            edge.IsRefusalTold = true;
            TrafficLog.TotalsRefused(log, edge.Id, rule);
        }
    }

    private BootTraffic? Boot(EdgeTraffic traffic, SampleBatch batch, DateTimeOffset now)
    {
        if (traffic.Boots.TryGetValue(batch.Boot, out var boot))
        {
            return boot;
        }

        // The empty one is the store's own word for all that have ended.
        var isNamed = traffic.Named?.Contains(batch.Boot) == true;
        if (batch.Boot == Guid.Empty || traffic.Boots.Count >= MostBoots || (!isNamed && traffic.UnnamedLeft <= 0))
        {
            traffic.RefusedTotals += batch.Rules.Count;
            TrafficLog.BootRefused(log, traffic.Id, batch.Boot);
            return null;
        }

        traffic.UnnamedLeft -= isNamed ? 0 : 1;
        boot = new BootTraffic(batch.Boot) { ChangedAt = now };
        traffic.Boots.Add(boot.Id, boot);
        return boot;
    }

    /// <summary>Between which instants of our clock that passed what this look tells more than the one before it; not a number where the beginning is not known.</summary>
    private static (double From, double To) Between(BootTraffic boot, SampleBatch batch, DateTimeOffset now)
    {
        var (ours, theirs) = (Seconds(now), Seconds(batch.TakenAt));
        if (batch.IsFinal)
        {
            // What a boot that has ended counted after its last look passed between that and its end; when that was is not told.
            return (boot.Looks.Newest, double.IsNaN(boot.Looks.Newest) ? ours : Math.Min(ours, boot.Looks.Newest + 1));
        }

        if (batch.Sequence > boot.Newest)
        {
            boot.Newest = batch.Sequence;
            var before = boot.Looks.Newest;
            var taken = boot.Looks.Map(theirs, ours);
            boot.Since = !double.IsNaN(before) ? before
                : boot.Covered >= 0 ? Math.Min(taken, Seconds(boot.ChangedAt))
                : batch.Vitals is { } vitals && vitals.StartedAt <= batch.TakenAt ? taken - (theirs - Seconds(vitals.StartedAt))
                : double.NaN;
        }

        return (boot.Since, boot.Looks.Newest);
    }

    private void Take(EdgeTraffic traffic, BootTraffic boot, SampleBatch batch, double from, double to)
    {
        if (!batch.IsFinal)
        {
            traffic.RunningBoot = boot.Id;
        }

        // What changes nothing, or is refused, is asked for as little again as what is taken.
        boot.HasNews |= batch.Rules.Count > 0;
        var owners = new Dictionary<AccountId, LedgerCount>();
        foreach (var totals in batch.Rules)
        {
            if (SampleReading.Count(totals) is not { } count || traffic.Foreign.Contains(totals.Rule))
            {
                Refuse(traffic, totals?.Rule ?? default);
                continue;
            }

            var read = new UnreadTotals(totals, count, batch.Sequence, from, to);
            if (traffic.Rules.TryGetValue(totals.Rule, out var rule) && !NeedsReading(rule, totals.Owner))
            {
                Apply(traffic, boot, rule, read, owners);
            }
            else if (traffic.Unread.TryGetValue((boot.Id, totals.Rule), out var waiting))
            {
                // Both are cumulative: the newer says all, from where the older began.
                traffic.Unread[(boot.Id, totals.Rule)] = waiting.Sequence > read.Sequence ? waiting : read with { From = waiting.From };
            }
            else if (traffic.Unread.Count < MostUnread)
            {
                traffic.Unread.Add((boot.Id, totals.Rule), read);
            }
            else
            {
                boot.HasHole = true;
            }
        }

        Add(traffic, owners, from, to);
    }

    private static bool NeedsReading(RuleTraffic rule, AccountId? claimed) =>
        claimed is { } owner && !rule.IsKnownOwner(owner) && rule.Strange != owner;

    private static void End(EdgeTraffic traffic, BootTraffic boot, SampleBatch batch, DateTimeOffset now)
    {
        if (!batch.IsFinal)
        {
            traffic.SampledAt = now;
            traffic.Vitals = batch.Vitals ?? traffic.Vitals;
        }

        if (batch.IsLast && !boot.HasHole)
        {
            boot.Complete = Math.Max(boot.Complete, batch.Sequence);
            boot.IsEnded = batch.IsFinal;
        }
    }

    internal static double Seconds(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / (double)TimeSpan.TicksPerSecond;
}

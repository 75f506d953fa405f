using System.Net;

namespace Portunus.Edge.Targets;

/// <summary>The addresses of a name and how long they hold. Immutable; times are of the refresher's clock.</summary>
internal sealed class NameAnswer
{
    /// <summary>Times to live are brought between these.</summary>
    public static readonly TimeSpan ShortestTtl = TimeSpan.FromSeconds(5);

    /// <inheritdoc cref="ShortestTtl"/>
    public static readonly TimeSpan LongestTtl = TimeSpan.FromMinutes(5);

    /// <summary>How long addresses are used beyond their time while servers do not answer (RFC 8767).</summary>
    public static readonly TimeSpan Stale = TimeSpan.FromSeconds(30);

    private readonly Family _v4;
    private readonly Family _v6;

    private NameAnswer(Family v4, Family v6)
    {
        _v4 = v4;
        _v6 = v6;
        V4First = [.. v4.Addresses.Concat(v6.Addresses).Distinct()];
        V6First = [.. v6.Addresses.Concat(v4.Addresses).Distinct()];
        Family[] present = [.. new[] { v4, v6 }.Where(family => family.Addresses.Length > 0)];
        UsableUntil = present.Max(family => family.UsableUntil);
        RefreshAt = present.Min(family => family.FreshUntil - family.Lead);
        FreshUntil = present.Min(family => family.FreshUntil);
    }

    public IPAddress[] V4First { get; }

    public IPAddress[] V6First { get; }

    /// <summary>From here on there are no addresses.</summary>
    public TimeSpan UsableUntil { get; }

    /// <summary>When the time to live of the first family ends.</summary>
    public TimeSpan FreshUntil { get; }

    /// <summary>When to look again so that there is no gap: a tenth of the time to live before its end, at least a second.</summary>
    public TimeSpan RefreshAt { get; }

    /// <summary>
    /// What is known after a lookup. A family that was not answered keeps what it had; a name that is denied keeps it for the
    /// rest of its time to live only, because a denial is an answer. Null where nothing is known.
    /// </summary>
    public static NameAnswer? After(NameAnswer? previous, FoundName found, TimeSpan now)
    {
        previous = previous is not null && previous.UsableUntil > now ? previous : null;
        if (!found.HasAddresses)
        {
            var rest = found.IsIncomplete || previous is null ? previous : new NameAnswer(previous._v4.Denied(), previous._v6.Denied());
            return rest?.UsableUntil > now ? rest : null;
        }

        return new NameAnswer(
            Family.From(found.V4, previous?._v4 ?? Family.None, now), Family.From(found.V6, previous?._v6 ?? Family.None, now));
    }

    private readonly record struct Family(IPAddress[] Addresses, TimeSpan FreshUntil, TimeSpan UsableUntil, TimeSpan Lead)
    {
        public static readonly Family None = new([], TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);

        public static Family From(NameReply reply, Family previous, TimeSpan now)
        {
            if (reply.Verdict != NameVerdict.Found)
            {
                return reply.IsFailure && previous.UsableUntil > now ? previous : None;
            }

            var ttl = TimeSpan.FromTicks(Math.Clamp(reply.Ttl.Ticks, ShortestTtl.Ticks, LongestTtl.Ticks));
            var lead = TimeSpan.FromTicks(Math.Max(ttl.Ticks / 10, TimeSpan.TicksPerSecond));
            return new Family(reply.Addresses, now + ttl, now + ttl + Stale, lead);
        }

        public Family Denied() => this with { UsableUntil = FreshUntil };
    }
}

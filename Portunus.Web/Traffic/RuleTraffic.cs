using Portunus.Shared.Ids;
using Portunus.Shared.Samples;
using Portunus.Web.Database;

namespace Portunus.Web.Traffic;

/// <summary>What is known of a rule's traffic while its edge tells of it. Guarded by its edge's gate.</summary>
internal sealed class RuleTraffic(EdgeTraffic edge, RuleId id)
{
    private readonly List<LedgerShare> _shares = [];

    public EdgeTraffic Edge { get; } = edge;

    public RuleId Id { get; } = id;

    /// <summary>Whose it is; null once it is removed.</summary>
    public AccountId? Owner { get; set; }

    /// <summary>An owner that its edge named and that never had it: asked for once, not with each look.</summary>
    public AccountId? Strange { get; set; }

    public TrafficRing Ring { get; } = new(TrafficAmounts.OfRule);

    /// <summary>Of the running boot: the newest that was told.</summary>
    public RuleTotals? Newest { get; private set; }

    /// <summary>Which boot told it.</summary>
    public Guid NewestBoot { get; private set; }

    /// <summary>Which look it was in.</summary>
    public long NewestSequence { get; private set; }

    /// <summary>Ports as they were told last, only after somebody asked.</summary>
    public IReadOnlyList<PortTotals>? Ports { get; private set; }

    public IReadOnlyList<LedgerShare> Shares => _shares;

    public LedgerCount Total => _shares.Aggregate(default(LedgerCount), (sum, share) => sum + share.Count);

    /// <summary>Whether the account has, or once had, the rule.</summary>
    public bool IsKnownOwner(AccountId owner) => Owner == owner || _shares.Exists(share => share.Owner == owner);

    /// <summary>To whom a count goes: whom the edge names, if that account ever had the rule; else whoever has it, or had it last.</summary>
    public AccountId OwnerOf(AccountId? claimed) =>
        claimed is { } named && IsKnownOwner(named) ? named : Owner ?? _shares[^1].Owner;

    /// <summary>What a boot has counted so far, for all owners.</summary>
    public LedgerCount Of(Guid boot)
    {
        var sum = default(LedgerCount);
        foreach (var share in _shares)
        {
            if (share.Boot == boot)
            {
                sum += share.Count;
            }
        }

        return sum;
    }

    public LedgerShare Share(Guid boot, AccountId owner)
    {
        foreach (var share in _shares)
        {
            if (share.Boot == boot && share.Owner == owner)
            {
                return share;
            }
        }

        var made = new LedgerShare(this, boot, owner);
        _shares.Add(made);
        return made;
    }

    /// <summary>A boot that has ended becomes part of what all ended ones counted, as the store did it.</summary>
    public void Fold(Guid boot)
    {
        foreach (var share in _shares.FindAll(share => share.Boot == boot))
        {
            Share(Guid.Empty, share.Owner).Count += share.Count;
            _shares.Remove(share);
        }
    }

    /// <summary>Keeps what is not cumulative. Ports are told only on demand and stay until they are told again.</summary>
    public void Tell(Guid boot, long sequence, RuleTotals totals)
    {
        if (NewestBoot != boot)
        {
            Ports = null;
        }

        (Newest, NewestBoot, NewestSequence) = (totals, boot, sequence);
        Ports = totals.Ports ?? Ports;
    }
}

using System.Collections.Concurrent;
using Portunus.Shared.Ids;

namespace Portunus.Web.Traffic;

/// <summary>All traffic that is known, in memory: edges, their rules, owners, the fleet. TrafficIntake writes it, TrafficReader reads it, LedgerWriter makes it durable.</summary>
internal sealed class TrafficBook
{
    private readonly ConcurrentDictionary<EdgeId, EdgeTraffic> _edges = new();
    private readonly ConcurrentDictionary<AccountId, OwnerTraffic> _owners = new();
    private readonly ConcurrentDictionary<RuleId, RuleTraffic> _rules = new();

    public OwnerTraffic Fleet { get; } = new();

    public IEnumerable<EdgeTraffic> Edges => _edges.Values;

    public IEnumerable<OwnerTraffic> Owners => _owners.Values;

    public EdgeTraffic Edge(EdgeId id) => _edges.GetOrAdd(id, static id => new EdgeTraffic(id));

    public EdgeTraffic? FindEdge(EdgeId id) => _edges.GetValueOrDefault(id);

    public OwnerTraffic Owner(AccountId id) => _owners.GetOrAdd(id, static _ => new OwnerTraffic());

    public OwnerTraffic? FindOwner(AccountId id) => _owners.GetValueOrDefault(id);

    /// <summary>A rule that its edge has told of; null for others.</summary>
    public RuleTraffic? FindRule(RuleId id) => _rules.GetValueOrDefault(id);

    /// <summary>Whoever holds the edge's gate adds a rule that is known to be its own.</summary>
    public RuleTraffic Add(EdgeTraffic edge, RuleId id)
    {
        var rule = new RuleTraffic(edge, id);
        edge.Rules.Add(id, rule);
        _rules[id] = rule;
        return rule;
    }

    /// <summary>Forgets a rule that is gone and whose counters are durable; the store still has it.</summary>
    public void Remove(RuleTraffic rule)
    {
        rule.Edge.Rules.Remove(rule.Id);
        _rules.TryRemove(new KeyValuePair<RuleId, RuleTraffic>(rule.Id, rule));
    }

    /// <summary>Forgets an edge that was deleted.</summary>
    public void Remove(EdgeTraffic edge)
    {
        _edges.TryRemove(new KeyValuePair<EdgeId, EdgeTraffic>(edge.Id, edge));
        lock (edge.Gate)
        {
            foreach (var rule in edge.Rules.Values.ToList())
            {
                Remove(rule);
            }
        }
    }
}

using Portunus.Shared.Ids;

namespace Portunus.Web.Traffic;

/// <summary>
/// Of which rules somebody wants the counters of each port. Asking holds for half a minute; a rule of a thousand ports would otherwise
/// be told port by port every second for nobody.
/// </summary>
internal sealed class PortWatch(TimeProvider clock)
{
    /// <summary>How long asking holds.</summary>
    public static readonly TimeSpan Holds = TimeSpan.FromSeconds(30);

    /// <summary>Rules of one edge that can be watched at once; who asks for more sees no ports for now.</summary>
    private const int MostOfEdge = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<EdgeId, Dictionary<RuleId, DateTimeOffset>> _edges = [];

    /// <summary>Called when the list of an edge is another one.</summary>
    public Action<EdgeId>? Changed { get; set; }

    /// <summary>Somebody wants the ports of a rule.</summary>
    public void Ask(EdgeId edge, RuleId rule)
    {
        bool isNew;
        lock (_gate)
        {
            if (!_edges.TryGetValue(edge, out var rules))
            {
                _edges.Add(edge, rules = []);
            }

            isNew = !rules.ContainsKey(rule);
            if (isNew && rules.Count >= MostOfEdge)
            {
                return;
            }

            rules[rule] = clock.GetUtcNow() + Holds;
        }

        if (isNew)
        {
            Changed?.Invoke(edge);
        }
    }

    public IReadOnlyList<RuleId> Of(EdgeId edge)
    {
        lock (_gate)
        {
            return _edges.TryGetValue(edge, out var rules) ? [.. rules.Keys.Order()] : [];
        }
    }

    /// <summary>Ends what nobody asked for again.</summary>
    public void Sweep()
    {
        var changed = new List<EdgeId>();
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            foreach (var (edge, rules) in _edges.ToList())
            {
                var past = rules.Where(rule => rule.Value <= now).Select(rule => rule.Key).ToList();
                past.ForEach(rule => rules.Remove(rule));
                if (past.Count > 0)
                {
                    changed.Add(edge);
                }

                if (rules.Count == 0)
                {
                    _edges.Remove(edge);
                }
            }
        }

        changed.ForEach(edge => Changed?.Invoke(edge));
    }
}

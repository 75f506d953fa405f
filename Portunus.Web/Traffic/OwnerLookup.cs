using Portunus.Shared.Ids;
using Portunus.Web.Database;

namespace Portunus.Web.Traffic;

/// <summary>
/// Finds out whose the rules are that edges tell of, and takes their counters then. What an edge says of a rule counts only where the
/// store says that the rule is, or was, on that edge; and it counts for an account only that has, or had, the rule.
/// </summary>
internal sealed class OwnerLookup(TrafficBook book, TrafficIntake intake, LedgerReader reader)
{
    /// <summary>Looks up what waits.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        foreach (var edge in book.Edges)
        {
            await RefreshAsync(edge, cancel);
            await ReadAsync(edge, cancel);
        }
    }

    private async Task ReadAsync(EdgeTraffic edge, CancellationToken cancel)
    {
        List<RuleId> asked;
        lock (edge.Gate)
        {
            asked = [.. edge.Unread.Keys.Select(key => key.Rule).Distinct()];
        }

        if (asked.Count == 0)
        {
            return;
        }

        var read = await reader.ReadAsync(edge.Id, asked, cancel);
        lock (edge.Gate)
        {
            foreach (var id in asked)
            {
                Know(edge, id, read);
            }

            foreach (var (key, waiting) in edge.Unread.Where(one => asked.Contains(one.Key.Rule)).OrderBy(one => one.Value.Sequence).ToList())
            {
                edge.Unread.Remove(key);
                Take(edge, key.Boot, key.Rule, waiting);
            }
        }
    }

    private void Know(EdgeTraffic edge, RuleId id, RulesRead read)
    {
        var isThere = read.Owners.TryGetValue(id, out var owner);
        if (!isThere && !read.Rows.Contains(id))
        {
            edge.Foreign.Add(id);
            return;
        }

        var rule = edge.Rules.GetValueOrDefault(id) ?? book.Add(edge, id);
        rule.Owner = isThere ? owner : null;
        foreach (var row in read.Rows[id])
        {
            // What is in memory already is newer than the store, or the same.
            if (!rule.Shares.Any(share => share.Boot == row.Boot && share.Owner == row.OwnerId) && !IsFolded(edge, row.Boot))
            {
                rule.Share(row.Boot, row.OwnerId).Count = row.Count();
            }
        }
    }

    // The row was read before its boot was folded, and its count is in memory's row of all ended ones by now.
    private static bool IsFolded(EdgeTraffic edge, Guid boot) => edge.Boots.TryGetValue(boot, out var known) && known.IsFinal;

    private void Take(EdgeTraffic edge, Guid bootId, RuleId id, in UnreadTotals waiting)
    {
        if (!edge.Rules.TryGetValue(id, out var rule) || !edge.Boots.TryGetValue(bootId, out var boot))
        {
            intake.Refuse(edge, id);
            return;
        }

        if (waiting.Totals.Owner is { } claimed && !rule.IsKnownOwner(claimed))
        {
            rule.Strange = claimed;
        }

        var owners = new Dictionary<AccountId, LedgerCount>();
        intake.Apply(edge, boot, rule, waiting, owners);
        intake.Add(edge, owners, waiting.From, waiting.To);
    }

    /// <summary>Rules were made, removed or given away on the edge.</summary>
    private async Task RefreshAsync(EdgeTraffic edge, CancellationToken cancel)
    {
        lock (edge.Gate)
        {
            if (!edge.IsStale)
            {
                return;
            }

            edge.IsStale = false;
        }

        Dictionary<RuleId, AccountId>? owners;
        try
        {
            owners = await reader.OwnersAsync(edge.Id, cancel);
        }
        catch
        {
            edge.IsStale = true;
            throw;
        }

        lock (edge.Gate)
        {
            edge.Foreign.Clear();
            edge.IsGone = owners is null;
            foreach (var rule in edge.Rules.Values.ToList())
            {
                rule.Strange = null;
                rule.Owner = owners is not null && owners.TryGetValue(rule.Id, out var owner) ? owner : null;
            }
        }
    }
}

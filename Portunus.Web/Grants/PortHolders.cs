using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Rules;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Grants;

/// <summary>Who holds the ports of an edge. Asked inside the transaction of the change that wants one, so that of two requests exactly one finds it free.</summary>
internal static class PortHolders
{
    /// <summary>What keeps a rule from having its port; null when nothing does.</summary>
    /// <param name="db">In a write transaction.</param>
    /// <param name="row">The rule that wants the port; it may be stored already.</param>
    /// <param name="wanted">What it asks for.</param>
    /// <param name="seesAll">Whether names of other owners' rules may be told.</param>
    /// <param name="now">The moment that counts.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<Problem?> FindCollisionAsync(PortunusDb db, Rule row, CheckedRule wanted, bool seesAll, DateTimeOffset now, CancellationToken cancel)
    {
        var (first, last) = (wanted.ListenPorts.First, wanted.ListenPorts.Last);
        var rivals = await db.Rules.AsNoTracking()
            .Where(rule => rule.EdgeId == row.EdgeId && rule.Protocol == wanted.Protocol && rule.Enabled && rule.FirstPort <= last && rule.LastPort >= first && rule.Id != row.Id)
            .OrderBy(rule => rule.Id)
            .ToListAsync(cancel);
        if (rivals.Count == 0)
        {
            return null;
        }

        var permits = await RulePermits.ReadAsync(db, [.. rivals.Select(rival => rival.OwnerId)], now, cancel);
        foreach (var rival in rivals.Where(permits.HoldsPort))
        {
            if (RuleRows.Read(rival).Rule is not { } held)
            {
                continue;
            }

            var isForeign = rival.OwnerId != row.OwnerId;
            if (PortClaims.Collide(held, wanted) is { } collision)
            {
                return Problem.Conflict(collision.Code, collision.Field, isForeign && !seesAll ? Unnamed(collision, held, wanted) : collision.Text);
            }

            if (isForeign && Overshadowed(held, wanted) is { } name)
            {
                return Problem.Conflict("sni_of_another_owner", "sni",
                    $"On port {first} another owner has {name.Theirs}, which {name.Ours} would take names from or give names to.");
            }
        }

        return null;
    }

    private static string Unnamed(RuleProblem collision, CheckedRule held, CheckedRule wanted)
    {
        var port = Math.Max(held.ListenPorts.First, wanted.ListenPorts.First);
        return collision.Code switch
        {
            "sni_fallback_duplicate" => $"Another owner's rule is already the fallback of port {port}.",
            "sni_name_duplicate" => $"Another owner's rule already takes one of these names on port {port}.",
            _ => $"Port {port} is already taken by another owner's rule.",
        };
    }

    /// <summary>An exact name of one owner under the wildcard of another: exact beats wildcard, so one could lift traffic out of the other's domain.</summary>
    private static (HostPattern Ours, HostPattern Theirs)? Overshadowed(CheckedRule held, CheckedRule wanted)
    {
        if (!held.ListenPorts.Overlaps(wanted.ListenPorts) || !Equals(held.ListenAddress, wanted.ListenAddress))
        {
            return null;
        }

        foreach (var ours in wanted.Sni)
        {
            foreach (var theirs in held.Sni)
            {
                if (ours.IsWildcard != theirs.IsWildcard && (ours.IsWildcard ? ours.Matches(theirs.Name) : theirs.Matches(ours.Name)))
                {
                    return (ours, theirs);
                }
            }
        }

        return null;
    }
}

using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;

namespace Portunus.Web.Grants;

/// <summary>
/// Rules that may run again find out who has their ports now. A rule without permission holds none, so somebody else may have got them
/// meanwhile; then it is switched off and stays off until somebody decides. Two that both think they have a port are never planned.
/// </summary>
internal static class TakenPorts
{
    /// <summary>Of these rules, those whose port is taken are switched off, each with its entry; answers them.</summary>
    /// <param name="change">Whatever gave the permission back; what it did is saved already.</param>
    /// <param name="resumed">Rules that hold their ports from now on.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<List<Rule>> DisableAsync(AuditedChange change, IEnumerable<Rule> resumed, CancellationToken cancel)
    {
        var disabled = new List<Rule>();
        foreach (var row in resumed)
        {
            if (RuleRows.Read(row) is not { Rule: { } rule, Spec: { } spec }
                || await PortHolders.FindCollisionAsync(change.Db, row, rule, seesAll: true, change.Now, cancel) is null)
            {
                continue;
            }

            var before = row.Spec;
            RuleRows.Write(row, spec with { Enabled = false }, rule with { Enabled = false });
            row.Revision++;
            row.ChangedAt = change.Now;
            change.Tell("rule.disable", new AuditSubject("rule", row.Id.ToString(), row.Name), before, row.Spec);
            disabled.Add(row);
            await change.Db.SaveChangesAsync(cancel);
        }

        return disabled;
    }

    /// <summary>The same for all rules of an account that is back, or is something else now.</summary>
    public static async Task<List<Rule>> DisableOfOwnerAsync(AuditedChange change, AccountId owner, CancellationToken cancel)
    {
        // Most rules share a port with nobody: only those that could collide are looked at one by one.
        var (db, now) = (change.Db, change.Now);
        var doubtful = await db.Rules
            .Where(rule => rule.OwnerId == owner && rule.Enabled && (rule.ExpiresAt == null || rule.ExpiresAt > now)
                && db.Rules.Any(other => other.EdgeId == rule.EdgeId && other.Protocol == rule.Protocol && other.Enabled
                    && other.FirstPort <= rule.LastPort && other.LastPort >= rule.FirstPort && other.Id != rule.Id))
            .OrderBy(rule => rule.Id)
            .ToListAsync(cancel);
        if (doubtful.Count == 0)
        {
            return [];
        }

        var permits = await RulePermits.ReadAsync(db, [owner], now, cancel);
        return await DisableAsync(change, doubtful.Where(permits.HoldsPort), cancel);
    }
}

using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Rules;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Grants;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Rules;

/// <summary>
/// Whether a rule may be what was asked: owner, name, grant and port, all read inside the transaction that will store it, and all
/// that is wrong told at once.
/// </summary>
internal static class RuleDecision
{
    /// <param name="change">The change.</param>
    /// <param name="row">With edge and owner as they shall be; its other columns are not looked at.</param>
    /// <param name="spec">As asked.</param>
    /// <param name="stored">As it is stored; null when it is new.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The rule as checked, or every problem.</returns>
    public static async Task<Outcome<CheckedRule>> DecideAsync(AuditedChange change, Rule row, RuleSpec spec, Rule? stored, CancellationToken cancel)
    {
        var (db, now) = (change.Db, change.Now);
        var read = RuleCheck.Check(spec);
        var problems = read.Problems.Select(problem => new Problem(problem.Code, problem.Field, problem.Text)).ToList();
        if (spec.ExpiresAt is { } end && end <= now && end != stored?.ExpiresAt)
        {
            problems.Add(new Problem("expires_at_past", "expires_at", "expires_at must lie in the future."));
        }

        var owner = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(account => account.Id == row.OwnerId, cancel);
        if (owner is null)
        {
            problems.Add(new Problem("owner_not_found", "owner", "There is no such account."));
        }
        else if (owner.Role == AccountRole.Auditor)
        {
            problems.Add(new Problem("owner_is_auditor", "owner", "An auditor reads everything and owns nothing."));
        }

        if (stored?.OwnerId != row.OwnerId && await RuleCounts.RefusalAsync(db, row.EdgeId, row.OwnerId, cancel) is { } full)
        {
            problems.Add(full);
        }

        if (spec.Name is { Length: > 0 } name
            && await db.Rules.AnyAsync(rule => rule.EdgeId == row.EdgeId && rule.OwnerId == row.OwnerId && rule.Name == name && rule.Id != row.Id, cancel))
        {
            problems.Add(Problem.Conflict("name_taken", "name", "Another rule of this owner on this edge has that name."));
        }

        if (read.Rule is not { } rule)
        {
            return problems;
        }

        // Somebody who has lost a grant may still switch a rule off, or write a note on it.
        var isActive = rule.Enabled && !(rule.ExpiresAt <= now);
        var wasActive = stored is { Enabled: true } && !(stored.ExpiresAt <= now);
        var isAsking = stored is null || !IsSameClaim(stored, row, rule) || (isActive && !wasActive);
        if (isAsking && owner is { Role: AccountRole.User })
        {
            var grants = await db.Grants.AsNoTracking().Where(grant => grant.AccountId == row.OwnerId).ToListAsync(cancel);
            if (GrantCheck.Refusal(grants, row.EdgeId, rule.Protocol, rule.ListenPorts, now) is { } refusal)
            {
                problems.Add(refusal);
            }
        }

        if (isAsking && isActive
            && await PortHolders.FindCollisionAsync(db, row, rule, change.Actor.IsOverseer, now, cancel) is { } taken)
        {
            problems.Add(taken);
        }

        return problems.Count > 0 ? problems : rule;
    }

    /// <summary>Whether it wants the ports that it had, for the same owner.</summary>
    private static bool IsSameClaim(Rule stored, Rule row, CheckedRule rule) =>
        stored.OwnerId == row.OwnerId && stored.Protocol == rule.Protocol && (stored.FirstPort, stored.LastPort) == (rule.ListenPorts.First, rule.ListenPorts.Last)
        && RuleRows.Read(stored).Rule is { } before && Equals(before.ListenAddress, rule.ListenAddress)
        && before.SniFallback == rule.SniFallback && before.Sni.SequenceEqual(rule.Sni);
}

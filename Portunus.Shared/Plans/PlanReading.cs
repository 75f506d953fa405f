using System.Text;
using System.Text.Json;
using Portunus.Shared.Ids;
using Portunus.Shared.Json;
using Portunus.Shared.RuleJson;
using Portunus.Shared.Rules;

namespace Portunus.Shared.Plans;

/// <summary>
/// A plan message → a plan. Strict rule by rule: one that has a field, or a value, that is not understood here is refused by itself
/// and nothing of it runs, since what is not understood may be what keeps somebody out. The other rules are served.
/// </summary>
public static class PlanReading
{
    public static EdgePlan Read(PlanMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var owners = new Dictionary<AccountId, LimitSpec>();
        var unread = new Dictionary<AccountId, string>();
        foreach (var (owner, text) in message.OwnerLimits)
        {
            if (ReadLimits(text) is var (limits, problem) && limits is not null)
            {
                owners[owner] = limits;
            }
            else
            {
                unread[owner] = problem;
            }
        }

        return new EdgePlan(message.Revision, [.. message.Rules.GroupBy(entry => entry.Id).Select(entries => Read(entries, unread))], owners);
    }

    /// <summary>A sentence on what the plan as a whole says and this version does not know; null where that is nothing.</summary>
    public static string? Unknown(PlanMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.Unknown is { Count: > 0 } unknown
            ? $"This edge does not know {string.Join(", ", unknown.Keys.Order(StringComparer.Ordinal))} of the plan and goes without; a newer version may."
            : null;
    }

    private static PlannedRule Read(IGrouping<RuleId, PlanEntry> entries, Dictionary<AccountId, string> unreadOwners)
    {
        var read = Read(entries.First(), unreadOwners);
        return entries.Skip(1).Any() ? read with { Rule = null, Unread = "The plan says two things about it." } : read;
    }

    private static PlannedRule Read(PlanEntry entry, Dictionary<AccountId, string> unreadOwners)
    {
        var planned = new PlannedRule
        {
            Id = entry.Id,
            Revision = entry.Revision,
            Rule = null,
            Owner = entry.Owner,
            LocalTargets = entry.LocalTargets,
            CutBefore = entry.CutBefore,
            DrainBefore = entry.DrainBefore,
        };
        if (entry.Rule is not { } text)
        {
            return planned;
        }

        var unreadable = planned with { UnreadUntil = entry.Until };
        if (entry.Unknown is { Count: > 0 } unknown)
        {
            return unreadable with { Unread = $"This edge does not know {string.Join(", ", unknown.Keys.Order(StringComparer.Ordinal))}; a newer version may." };
        }

        if (entry.Owner is { } owner && unreadOwners.TryGetValue(owner, out var problem))
        {
            return unreadable with { Unread = problem };
        }

        var read = RuleJsonReader.Read(Encoding.UTF8.GetBytes(text.Text));
        if (read.Rule is not { } rule)
        {
            return unreadable with { Unread = string.Join(' ', read.Problems.Select(one => one.Text)) };
        }

        var until = entry.Until is { } end && !(rule.ExpiresAt <= end) ? end : rule.ExpiresAt;
        return planned with { Rule = rule with { Enabled = rule.Enabled && !entry.Forbidden, ExpiresAt = until } };
    }

    private static (LimitSpec? Limits, string Problem) ReadLimits(RawJson text)
    {
        if (!JsonText.TryParse(Encoding.UTF8.GetBytes(text.Text), out var document, out var malformed))
        {
            return (null, malformed.Text);
        }

        using (document)
        {
            var problems = new FieldProblems();
            var limits = RuleJsonReader.Limits(new JsonFields(document.RootElement, RuleJsonFields.Limits, problems));
            return problems.Any ? (null, $"The limits of its owner are not understood: {string.Join(' ', problems.All.Select(one => one.Text))}") : (limits, "");
        }
    }
}

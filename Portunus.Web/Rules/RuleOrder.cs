using System.Globalization;
using Portunus.Shared.Ids;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Rules;

/// <summary>By what a list is sorted.</summary>
internal enum RuleOrderKey
{
    /// <summary>In the order of making.</summary>
    Id,
    Name,
    ListenPort,
    ChangedAt,
}

/// <summary>How a list is sorted. Every order ends with the id, so that a row has one place and a page one end.</summary>
internal sealed record RuleOrder(RuleOrderKey Key, bool IsDescending)
{
    public static RuleOrder Default { get; } = new(RuleOrderKey.Id, false);

    /// <summary>How many keys a row is found by.</summary>
    public int Keys => Key == RuleOrderKey.Id ? 1 : 2;

    /// <summary>From the query <c>sort</c>: <c>id</c>, <c>name</c>, <c>listen_port</c>, <c>changed_at</c>, each with <c>-</c> ahead for the other way.</summary>
    public static Outcome<RuleOrder> Read(string? sort)
    {
        if (sort is null)
        {
            return Default;
        }

        var isDescending = sort.StartsWith('-');
        RuleOrderKey? key = (isDescending ? sort[1..] : sort) switch
        {
            "id" => RuleOrderKey.Id,
            "name" => RuleOrderKey.Name,
            "listen_port" => RuleOrderKey.ListenPort,
            "changed_at" => RuleOrderKey.ChangedAt,
            _ => null,
        };
        return key is { } known
            ? new RuleOrder(known, isDescending)
            : new Problem("sort_unknown", "sort", "sort must be id, name, listen_port or changed_at, with - ahead for the other way.");
    }

    /// <summary>Sorts, and leaves out what lies before the row that the keys name; null where these are no keys of this order.</summary>
    public IQueryable<Rule>? Apply(IQueryable<Rule> rules, IReadOnlyList<string>? after)
    {
        if (after is null)
        {
            return Sort(rules);
        }

        if (after.Count != Keys || !RuleId.TryParse(after[^1], out var id))
        {
            return null;
        }

        switch (Key)
        {
            case RuleOrderKey.Name:
                var name = after[0];
                return Sort(IsDescending
                    ? rules.Where(rule => string.Compare(rule.Name, name) < 0 || (rule.Name == name && rule.Id < id))
                    : rules.Where(rule => string.Compare(rule.Name, name) > 0 || (rule.Name == name && rule.Id > id)));
            case RuleOrderKey.ListenPort when int.TryParse(after[0], NumberStyles.None, CultureInfo.InvariantCulture, out var port):
                return Sort(IsDescending
                    ? rules.Where(rule => rule.FirstPort < port || (rule.FirstPort == port && rule.Id < id))
                    : rules.Where(rule => rule.FirstPort > port || (rule.FirstPort == port && rule.Id > id)));
            case RuleOrderKey.ChangedAt when long.TryParse(after[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTimeOffset.MaxValue.Ticks:
                var time = new DateTimeOffset(ticks, TimeSpan.Zero);
                return Sort(IsDescending
                    ? rules.Where(rule => rule.ChangedAt < time || (rule.ChangedAt == time && rule.Id < id))
                    : rules.Where(rule => rule.ChangedAt > time || (rule.ChangedAt == time && rule.Id > id)));
            case RuleOrderKey.Id:
                return Sort(IsDescending ? rules.Where(rule => rule.Id < id) : rules.Where(rule => rule.Id > id));
            default:
                return null;
        }
    }

    /// <summary>The keys by which the row is found again.</summary>
    public string[] KeysOf(Rule row) => Key switch
    {
        RuleOrderKey.Name => [row.Name, row.Id.ToString()],
        RuleOrderKey.ListenPort => [row.FirstPort.ToString(CultureInfo.InvariantCulture), row.Id.ToString()],
        RuleOrderKey.ChangedAt => [row.ChangedAt.UtcTicks.ToString(CultureInfo.InvariantCulture), row.Id.ToString()],
        _ => [row.Id.ToString()],
    };

    private IOrderedQueryable<Rule> Sort(IQueryable<Rule> rules) => (Key, IsDescending) switch
    {
        (RuleOrderKey.Name, false) => rules.OrderBy(rule => rule.Name).ThenBy(rule => rule.Id),
        (RuleOrderKey.Name, true) => rules.OrderByDescending(rule => rule.Name).ThenByDescending(rule => rule.Id),
        (RuleOrderKey.ListenPort, false) => rules.OrderBy(rule => rule.FirstPort).ThenBy(rule => rule.Id),
        (RuleOrderKey.ListenPort, true) => rules.OrderByDescending(rule => rule.FirstPort).ThenByDescending(rule => rule.Id),
        (RuleOrderKey.ChangedAt, false) => rules.OrderBy(rule => rule.ChangedAt).ThenBy(rule => rule.Id),
        (RuleOrderKey.ChangedAt, true) => rules.OrderByDescending(rule => rule.ChangedAt).ThenByDescending(rule => rule.Id),
        (_, true) => rules.OrderByDescending(rule => rule.Id),
        _ => rules.OrderBy(rule => rule.Id),
    };
}

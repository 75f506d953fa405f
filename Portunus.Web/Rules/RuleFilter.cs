using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Shared.Rules;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;

namespace Portunus.Web.Rules;

/// <summary>Which rules are meant; null fields leave all in.</summary>
internal sealed record RuleFilter
{
    public EdgeId? Edge { get; init; }

    public AccountId? Owner { get; init; }

    public TransportProtocol? Protocol { get; init; }

    /// <summary>By what was asked; a rule that expired is neither enabled nor disabled.</summary>
    public RuleDesire? Desired { get; init; }

    /// <summary>A port that the rule listens on.</summary>
    public int? Port { get; init; }

    /// <summary>A part of a name, target, server name, address or note, in any case.</summary>
    public string? Search { get; init; }

    /// <summary>Only these.</summary>
    public IReadOnlyList<RuleId>? Among { get; init; }

    /// <summary>Not these.</summary>
    public IReadOnlyList<RuleId>? Except { get; init; }

    /// <summary>Whether it says anything at all: "all of them" must be said, not forgotten.</summary>
    public bool IsEmpty => this == new RuleFilter();

    /// <summary>Those of the rules that are meant.</summary>
    public IQueryable<Rule> Apply(IQueryable<Rule> rules, DateTimeOffset now)
    {
        if (Edge is { } edge)
        {
            rules = rules.Where(rule => rule.EdgeId == edge);
        }

        if (Owner is { } owner)
        {
            rules = rules.Where(rule => rule.OwnerId == owner);
        }

        if (Protocol is { } protocol)
        {
            rules = rules.Where(rule => rule.Protocol == protocol);
        }

        if (Port is { } port)
        {
            rules = rules.Where(rule => rule.FirstPort <= port && rule.LastPort >= port);
        }

        if (!string.IsNullOrWhiteSpace(Search))
        {
            // The text is in lower case already, whatever its letters are.
            var pattern = SearchPattern.Containing(Search.ToLowerInvariant());
            rules = rules.Where(rule => EF.Functions.Like(rule.SearchText, pattern, SearchPattern.Escape));
        }

        if (Among is { } among)
        {
            rules = rules.Where(rule => among.Contains(rule.Id));
        }

        if (Except is { } except)
        {
            rules = rules.Where(rule => !except.Contains(rule.Id));
        }

        return Desired switch
        {
            RuleDesire.Enabled => rules.Where(rule => rule.Enabled && (rule.ExpiresAt == null || rule.ExpiresAt > now)),
            RuleDesire.Disabled => rules.Where(rule => !rule.Enabled),
            RuleDesire.Expired => rules.Where(rule => rule.Enabled && rule.ExpiresAt != null && rule.ExpiresAt <= now),
            _ => rules,
        };
    }

    /// <summary>The rules that an actor may know of: all, or own ones.</summary>
    public static IQueryable<Rule> Visible(PortunusDb db, Actor actor) =>
        actor.IsOverseer ? db.Rules : db.Rules.Where(rule => rule.OwnerId == actor.Id);
}

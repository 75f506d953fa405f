using Portunus.Shared.Ids;

namespace Portunus.Web.Live;

/// <summary>What changed.</summary>
internal enum LiveKind
{
    /// <summary>The plan of an edge: its revision was raised.</summary>
    EdgePlan,

    /// <summary>Whether an edge is trusted: revoked, deleted, enrolled again.</summary>
    EdgeTrust,

    /// <summary>What is known of an edge: its row, its link, what it reported.</summary>
    Edge,

    /// <summary>Rules of an edge, or what it made of them.</summary>
    EdgeRules,

    /// <summary>Counters of an edge.</summary>
    EdgeTraffic,

    /// <summary>An account, what it may do, or its sign-ins.</summary>
    Account,
}

/// <summary>Something that others may want to look at again.</summary>
/// <param name="Kind">What of it.</param>
/// <param name="Id">Which edge or account.</param>
internal readonly record struct LiveTopic(LiveKind Kind, Guid Id)
{
    public static LiveTopic Of(LiveKind kind, EdgeId edge) => new(kind, edge.Value);

    public static LiveTopic Of(LiveKind kind, AccountId account) => new(kind, account.Value);

    public EdgeId Edge => new(Id);

    public AccountId Account => new(Id);
}

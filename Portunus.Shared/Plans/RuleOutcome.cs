using Portunus.Shared.Ids;

namespace Portunus.Shared.Plans;

/// <summary>Where a rule stands on an edge.</summary>
public enum RuleStanding
{
    /// <summary>The edge has not got to this revision yet.</summary>
    Waiting,
    Listening,
    Refused,

    /// <summary>No longer accepting; its last flows are finishing.</summary>
    Draining,

    /// <summary>Not listening and without flows: disabled, expired or removed.</summary>
    Stopped,
}

/// <summary>What became of one rule on an edge.</summary>
/// <param name="Rule">Which rule.</param>
/// <param name="Standing">Where it stands.</param>
/// <param name="Refusal">Why it does not listen, with <see cref="RuleStanding.Refused"/>.</param>
/// <param name="Port">The port that was refused, else 0.</param>
/// <param name="Text">One sentence for people; empty where nothing is wrong.</param>
public sealed record RuleOutcome(RuleId Rule, RuleStanding Standing, BindRefusal Refusal = BindRefusal.None, int Port = 0, string Text = "");

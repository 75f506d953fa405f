using Portunus.Edge.Limits;
using Portunus.Edge.Targets;
using Portunus.Shared.Rules;

namespace Portunus.Edge.Rules;

/// <summary>A rule compiled for the path: immutable, swapped as a whole when the rule changes.</summary>
internal sealed class RuleModel
{
    public required CheckedRule Rule { get; init; }

    /// <summary>Of the rule: higher for what is newer, across epochs too.</summary>
    public required long Revision { get; init; }

    public required TargetSet Targets { get; init; }

    public required SourceAccess Access { get; init; }

    /// <summary>Says which addresses must not be dialled; null: none is kept from this rule.</summary>
    public TargetGuard? Guard { get; init; }

    /// <summary>Clock ticks per connect attempt.</summary>
    public required long ConnectTimeoutTicks { get; init; }

    /// <summary>Clock ticks of silence that end a TCP flow; 0 never.</summary>
    public required long IdleTicks { get; init; }

    /// <summary>Clock ticks of silence both ways that end a UDP flow; never 0.</summary>
    public required long UdpIdleTicks { get; init; }

    /// <summary>The most UDP flows at once over all ports of the rule.</summary>
    public required int UdpMaxFlows { get; init; }
}

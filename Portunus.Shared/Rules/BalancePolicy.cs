namespace Portunus.Shared.Rules;

/// <summary>How a new flow chooses among the healthy targets of the best priority.</summary>
public enum BalancePolicy
{
    /// <summary>The first in order; weights are ignored.</summary>
    First,

    /// <summary>In turn, by weight.</summary>
    RoundRobin,

    /// <summary>The one with the fewest open flows for its weight.</summary>
    LeastFlows,

    /// <summary>By chance, by weight.</summary>
    Random,

    /// <summary>By the connecting address, so that one source keeps its target while the set of targets stays the same.</summary>
    SourceHash,
}

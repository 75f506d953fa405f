namespace Portunus.Edge.Limits;

/// <summary>Which limit refused a new flow.</summary>
internal enum FlowRefusal
{
    None,
    OwnerFlowRate,
    OwnerConcurrent,
    RuleFlowRate,
    RuleConcurrent,

    /// <summary>A UDP rule has as many flows as it may keep track of.</summary>
    OverCap,
}

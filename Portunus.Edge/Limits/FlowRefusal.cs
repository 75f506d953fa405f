namespace Portunus.Edge.Limits;

/// <summary>Which limit refused a new flow.</summary>
internal enum FlowRefusal
{
    None,
    OwnerFlowRate,
    OwnerConcurrent,
    RuleFlowRate,
    RuleConcurrent,
}

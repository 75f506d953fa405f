namespace Portunus.Shared.Rules;

/// <summary>The one validation of rules.</summary>
public static class RuleCheck
{
}

namespace Portunus.Shared.Rules;

/// <summary>One thing wrong with a rule.</summary>
/// <param name="Code">Stable, snake_case, for programs.</param>
/// <param name="Field">Path of the field, as spelled in JSON and TOML: <c>targets[1].port</c>.</param>
/// <param name="Text">One sentence for people.</param>
public sealed record RuleProblem(string Code, string Field, string Text);

namespace Portunus.Shared.RuleFiles;

/// <summary>One thing wrong with, or worth a word about, a rule file.</summary>
/// <param name="Code">Stable, snake_case, for programs.</param>
/// <param name="Field">Path of the field, as the file spells it: <c>rule[2].targets[1].port</c>; empty for syntax.</param>
/// <param name="Text">One sentence for people.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in characters.</param>
public sealed record FileProblem(string Code, string Field, string Text, int Line, int Column);

/// <summary>What reading a rule file came to.</summary>
/// <param name="File">Null where there are problems.</param>
/// <param name="Problems">Everything that keeps the file from being used, by line.</param>
/// <param name="Warnings">What is allowed and likely a mistake, by line.</param>
public sealed record RuleFileResult(RuleFile? File, IReadOnlyList<FileProblem> Problems, IReadOnlyList<FileProblem> Warnings);

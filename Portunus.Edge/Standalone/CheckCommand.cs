using Portunus.Edge.Options;

namespace Portunus.Edge.Standalone;

/// <summary>The verb <c>check</c>: everything that is wrong with a file, without binding anything.</summary>
internal static class CheckCommand
{
    /// <summary>Problems and warnings go to <paramref name="error"/>, the verdict on a good file to <paramref name="output"/>.</summary>
    public static async Task<int> RunAsync(string path, TextWriter output, TextWriter error)
    {
        var result = RuleFileLoader.Load(path).Result;
        foreach (var warning in result.Warnings)
        {
            await error.WriteLineAsync(ProblemText.Warning(path, warning));
        }

        foreach (var problem in result.Problems)
        {
            await error.WriteLineAsync(ProblemText.Of(path, problem));
        }

        if (result.File is not { } file)
        {
            await error.WriteLineAsync($"{path}: {Count(result.Problems.Count, "problem")}.");
            return ExitCode.Asked;
        }

        var disabled = file.Rules.Count(rule => !rule.Rule.Enabled);
        await output.WriteLineAsync(
            $"{path}: {Count(file.Rules.Count, "rule")}{(disabled > 0 ? $" ({disabled} disabled)" : "")}, no problem, {Count(result.Warnings.Count, "warning")}.");
        return ExitCode.Done;
    }

    private static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";
}

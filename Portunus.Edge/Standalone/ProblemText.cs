using Portunus.Shared.RuleFiles;

namespace Portunus.Edge.Standalone;

/// <summary>A problem of a rule file on one line, in the form that editors and compilers have agreed on.</summary>
internal static class ProblemText
{
    /// <summary><c>rules.toml:3:9: port_out_of_bounds: …</c>; without a place where the whole file is meant.</summary>
    public static string Of(string file, FileProblem problem) => problem.Line > 0
        ? $"{file}:{problem.Line}:{problem.Column}: {problem.Code}: {problem.Text}"
        : $"{file}: {problem.Code}: {problem.Text}";

    /// <summary>As <see cref="Of"/>, marked as something that does not keep the file from being used.</summary>
    public static string Warning(string file, FileProblem problem) => problem.Line > 0
        ? $"{file}:{problem.Line}:{problem.Column}: warning: {problem.Code}: {problem.Text}"
        : $"{file}: warning: {problem.Code}: {problem.Text}";
}

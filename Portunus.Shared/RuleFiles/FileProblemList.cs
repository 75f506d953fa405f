using Portunus.Shared.Rules;
using Portunus.Shared.Toml;

namespace Portunus.Shared.RuleFiles;

/// <summary>
/// Problems as they are found, at most <see cref="RuleFileReader.MaxProblems"/>; how many more there were is said at the end.
/// Foreign text in them is cut to a bearable length and cannot reach a terminal as control characters.
/// </summary>
/// <param name="kind">What they are: problems, or warnings.</param>
internal sealed class FileProblemList(string kind)
{
    private readonly List<FileProblem> _all = [];
    private int _more;

    /// <summary>Whether anything was found.</summary>
    public bool Any => _all.Count > 0;

    /// <summary>Whether another problem would only be counted, so that its sentence need not be made.</summary>
    public bool IsFull => _all.Count >= RuleFileReader.MaxProblems;

    public void Add(string code, string field, string text, TomlPlace place)
    {
        if (IsFull)
        {
            _more++;
            return;
        }

        _all.Add(new FileProblem(code, ProblemText.Shown(field), ProblemText.Shown(text), place.Line, place.Column));
    }

    /// <summary>By line and column; of one place in the order found.</summary>
    public IReadOnlyList<FileProblem> Sorted()
    {
        var sorted = _all.OrderBy(problem => problem.Line).ThenBy(problem => problem.Column).ToList();
        if (_more > 0)
        {
            sorted.Add(new FileProblem($"too_many_{kind}", "", $"{_more} more {kind} are not shown.", sorted[^1].Line, sorted[^1].Column));
        }

        return sorted;
    }
}

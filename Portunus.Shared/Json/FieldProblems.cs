using Portunus.Shared.RuleFiles;
using Portunus.Shared.Rules;

namespace Portunus.Shared.Json;

/// <summary>
/// Problems of one JSON text as they are found, at most <see cref="MaxShown"/>; how many more there were is said at the end.
/// Foreign text in them is cut to a bearable length and holds no control characters.
/// </summary>
public sealed class FieldProblems
{
    /// <summary>More than these are only counted.</summary>
    public const int MaxShown = 100;

    private readonly List<RuleProblem> _all = [];
    private int _more;

    /// <summary>Whether anything was found.</summary>
    public bool Any => _all.Count > 0;

    /// <summary>Whether another problem would only be counted, so that its sentence need not be made.</summary>
    internal bool IsFull => _all.Count >= MaxShown;

    /// <summary>In the order found.</summary>
    public IReadOnlyList<RuleProblem> All => _more == 0 ? _all : [.. _all, new RuleProblem("too_many_problems", "", $"{_more} more problems are not shown.")];

    /// <summary>What was given but says nothing usable.</summary>
    internal LostFields Lost { get; } = new();

    /// <summary>Tells one.</summary>
    public void Add(string code, string field, string text) => Add(new RuleProblem(code, field, text));

    /// <summary>Tells one.</summary>
    public void Add(RuleProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        if (IsFull)
        {
            _more++;
            return;
        }

        _all.Add(new RuleProblem(problem.Code, ProblemText.Shown(problem.Field), ProblemText.Shown(problem.Text)));
    }

    /// <summary>Tells one of a field that can then not be called missing.</summary>
    public void AddLost(string code, string field, string text)
    {
        Lost.Lose(field);
        Add(code, field, text);
    }

    /// <summary>Whether the field was given in a way that could not be read.</summary>
    public bool IsLost(string field) => Lost.IsLost(field);

    /// <summary>Whether a problem that a check found follows only from a field that could not be read.</summary>
    internal bool Explain(RuleProblem problem, bool isProtocolKnown) => Consequences.Includes(problem, Lost, isProtocolKnown);
}

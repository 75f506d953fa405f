namespace Portunus.Shared.Rules;

/// <summary>Problems as they are found.</summary>
internal sealed class ProblemList
{
    private readonly List<RuleProblem> _all = [];

    public IReadOnlyList<RuleProblem> All => _all;

    public int Count => _all.Count;

    public void Add(string code, string field, string text) => _all.Add(new RuleProblem(code, field, text));

    /// <summary>The value, or the default where it is absent; a problem naming the bounds where it lies outside.</summary>
    public long Within(long? value, string field, long least, long most, long otherwise)
    {
        if (value is not { } given)
        {
            return otherwise;
        }

        if (given < least || given > most)
        {
            Add("out_of_range", field, $"{field} must be between {least} and {most}; this is {given}.");
            return otherwise;
        }

        return given;
    }
}

using Portunus.Shared.Rules;
using Portunus.Shared.Toml;

namespace Portunus.Shared.RuleFiles;

/// <summary>
/// Where the fields of one table, and of the tables inside it, stand in the file. Checks name fields in one way
/// (<c>targets[1].port</c>); the file may have spelled them in another, or not at all.
/// </summary>
/// <param name="path">Of the table, as the file spells it: <c>rule[2]</c>.</param>
/// <param name="place">Of the table; what is missing in it is missing there.</param>
internal sealed class FieldPlaces(string path, TomlPlace place)
{
    private readonly Dictionary<string, Spot> _spots = [];

    /// <summary>Of the table itself.</summary>
    public TomlPlace Place { get; } = place;

    /// <summary>Of the table itself.</summary>
    public string Path { get; } = path;

    /// <summary>What was given but says nothing usable.</summary>
    public LostFields Lost { get; } = new();

    /// <summary>False where lines could not be read, so that nothing can be called missing.</summary>
    public bool IsWhole
    {
        get => Lost.IsWhole;
        set => Lost.IsWhole = value;
    }

    public void Keep(string field, string spelled, TomlPlace where, string? oldName = null) =>
        _spots[field] = new Spot(spelled, where, oldName);

    /// <summary>Notes that the field was given but says nothing usable, which has been told.</summary>
    public void Lose(string field) => Lost.Lose(field);

    public bool Has(string field) => _spots.ContainsKey(field);

    /// <summary>Whether the field, or one that it lies in, is lost.</summary>
    public bool IsLost(string field) => Lost.IsLost(field);

    /// <summary>The field's path as spelled and its place; of the nearest one around it where it is not there.</summary>
    public (string Path, TomlPlace Place) Find(string field)
    {
        for (var end = field.Length; end > 0; end = LostFields.CutBefore(field, end))
        {
            if (_spots.TryGetValue(field[..end], out var spot))
            {
                return (spot.Spelled + field[end..], spot.Place);
            }
        }

        return (Path.Length == 0 ? field : $"{Path}.{field}", Place);
    }

    /// <summary>The sentence of a check, with the name that the file uses for the field.</summary>
    public string Reword(RuleProblem problem) =>
        Called(problem.Field) is var called && called != problem.Field ? problem.Text.Replace(problem.Field, called) : problem.Text;

    /// <summary>The name that the file uses for the field.</summary>
    public string Called(string field) => _spots.TryGetValue(field, out var spot) && spot.OldName is { } old ? old : field;

    private readonly record struct Spot(string Spelled, TomlPlace Place, string? OldName);
}

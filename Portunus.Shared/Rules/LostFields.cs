namespace Portunus.Shared.Rules;

/// <summary>
/// Fields that were given but say nothing usable, which has been told: what only follows from that is not told as well.
/// Paths are those of the checks, <c>targets[1].port</c>.
/// </summary>
internal sealed class LostFields
{
    private readonly HashSet<string> _lost = [];

    /// <summary>False where parts of the text could not be read, so that nothing can be called missing.</summary>
    public bool IsWhole { get; set; } = true;

    public void Lose(string field) => _lost.Add(field);

    /// <summary>Whether the field, or one that it lies in, is lost; the empty path is the whole text.</summary>
    public bool IsLost(string field)
    {
        if (_lost.Contains(""))
        {
            return true;
        }

        for (var end = field.Length; end > 0; end = CutBefore(field, end))
        {
            if (_lost.Contains(field[..end]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Where the path of what the field lies in ends; 0 when it lies in nothing.</summary>
    public static int CutBefore(string field, int end) => Math.Max(0, field.AsSpan(0, end).LastIndexOfAny('.', '['));
}

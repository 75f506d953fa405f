namespace Portunus.Shared.Rules;

/// <summary>
/// Told to callers of the API beside the field: the least and the most that a number may be, a text may have of characters, or a list of
/// entries. The checks are the law; a test asks them one beyond each bound.
/// </summary>
/// <param name="least">Inclusive.</param>
/// <param name="most">Inclusive.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class BoundsAttribute(long least, long most) : Attribute
{
    /// <summary>Inclusive.</summary>
    public long Least { get; } = least;

    /// <summary>Inclusive.</summary>
    public long Most { get; } = most;
}

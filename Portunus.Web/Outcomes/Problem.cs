namespace Portunus.Web.Outcomes;

/// <summary>What kind of refusal a problem is; decides the status where HTTP asks.</summary>
internal enum ProblemKind
{
    /// <summary>Something asked for is out of bounds.</summary>
    Invalid,

    /// <summary>There is no such thing, or none that the actor may know of.</summary>
    NotFound,

    /// <summary>The actor is known and may not do this.</summary>
    Forbidden,

    /// <summary>The state of things does not allow it: a port is taken, the last superadmin would go.</summary>
    Conflict,

    /// <summary>Somebody changed it since the actor read it.</summary>
    Stale,

    /// <summary>Nobody is signed in, or the secret is wrong.</summary>
    Unauthenticated,

    /// <summary>Too many tries; <see cref="Problem.RetryAfter"/> says when to come back.</summary>
    TooMany,

    /// <summary>The caller sent something that cannot be read.</summary>
    Malformed,

    /// <summary>The caller sent a body of another kind than is taken here.</summary>
    MediaType,

    /// <summary>The caller sent more than is taken.</summary>
    TooLarge,

    /// <summary>This method is not taken at this path.</summary>
    Method,

    /// <summary>It was there and is gone for good.</summary>
    Gone,

    /// <summary>A fault of ours.</summary>
    Fault,

    /// <summary>It cannot be done now; the same request may pass later.</summary>
    Unavailable,
}

/// <summary>One reason why something was not done.</summary>
/// <param name="Code">Stable, snake_case, for programs.</param>
/// <param name="Field">Path of the field as JSON spells it; empty where it is about the whole.</param>
/// <param name="Text">One sentence for people.</param>
/// <param name="Kind">What kind of refusal it is.</param>
internal sealed record Problem(string Code, string Field, string Text, ProblemKind Kind = ProblemKind.Invalid)
{
    /// <summary>With <see cref="ProblemKind.TooMany"/>: how long to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public static Problem NotFound(string what) => new($"{what}_not_found", "", $"There is no such {what.Replace('_', ' ')}.", ProblemKind.NotFound);

    public static Problem Forbidden(string code, string text) => new(code, "", text, ProblemKind.Forbidden);

    public static Problem Conflict(string code, string field, string text) => new(code, field, text, ProblemKind.Conflict);

    public static Problem Stale(long expected, long found) =>
        new("revision_stale", "", $"It has changed since it was read: revision {expected} was expected, {found} is stored.", ProblemKind.Stale);
}

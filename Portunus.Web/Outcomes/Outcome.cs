using System.Diagnostics.CodeAnalysis;

namespace Portunus.Web.Outcomes;

/// <summary>What came of something asked: a value, or every reason why not. Exceptions are for bugs and broken surroundings only.</summary>
internal readonly struct Outcome<T>
{
    private readonly T? _value;
    private readonly IReadOnlyList<Problem>? _problems;

    private Outcome(T? value, IReadOnlyList<Problem>? problems) => (_value, _problems) = (value, problems);

    public bool IsDone => _problems is null;

    /// <summary>Every problem; empty when it was done.</summary>
    public IReadOnlyList<Problem> Problems => _problems ?? [];

    /// <summary>The value of what was done; asking a refusal for it is a bug.</summary>
    public T Value => _problems is null
        ? _value!
        : throw new InvalidOperationException($"refused: {string.Join(", ", _problems.Select(problem => problem.Code))}");

    public bool TryGet([MaybeNullWhen(false)] out T value)
    {
        value = _value;
        return IsDone;
    }

    /// <summary>The same refusal for another type; asking this of something done is a bug.</summary>
    public Outcome<TOther> As<TOther>() => Outcome<TOther>.Refuse(_problems ?? throw new InvalidOperationException("it was done"));

    /// <summary>The value turned into another, or the same refusal.</summary>
    public Outcome<TOther> Select<TOther>(Func<T, TOther> select) => _problems is null ? select(_value!) : Outcome<TOther>.Refuse(_problems);

    /// <summary>Something done.</summary>
    public static Outcome<T> Done(T value) => new(value, null);

    private static Outcome<T> Refuse(IReadOnlyList<Problem> problems) => new(default, problems);

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Problem problem) => new(default, [problem]);

    public static implicit operator Outcome<T>(List<Problem> problems) =>
        problems.Count > 0 ? new(default, problems) : throw new InvalidOperationException("a refusal needs a reason");
}

/// <summary>The value of what has none.</summary>
internal readonly record struct Nothing;

/// <summary>For values whose type is an interface, which no implicit conversion takes.</summary>
internal static class Outcome
{
    public static Outcome<T> Of<T>(T value) => Outcome<T>.Done(value);
}

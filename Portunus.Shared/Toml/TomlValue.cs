namespace Portunus.Shared.Toml;

/// <summary>A value and where it stands in the text.</summary>
public abstract class TomlValue(TomlPlace place)
{
    /// <summary>Where the value begins; of a table with a header, where its header does.</summary>
    public TomlPlace Place { get; internal set; } = place;

    /// <summary>The kind with its article, for sentences: "an integer".</summary>
    public abstract string Kind { get; }
}

/// <summary>Any of the four kinds of strings.</summary>
public sealed class TomlString(string value, TomlPlace place) : TomlValue(place)
{
    public string Value { get; } = value;

    public override string Kind => "a string";
}

/// <summary>A whole number of 64 bits.</summary>
public sealed class TomlInteger(long value, TomlPlace place) : TomlValue(place)
{
    public long Value { get; } = value;

    public override string Kind => "an integer";
}

/// <summary>An IEEE 754 binary64 number, infinities and NaN included.</summary>
public sealed class TomlFloat(double value, TomlPlace place) : TomlValue(place)
{
    public double Value { get; } = value;

    public override string Kind => "a float";
}

/// <summary>True or false.</summary>
public sealed class TomlBoolean(bool value, TomlPlace place) : TomlValue(place)
{
    public bool Value { get; } = value;

    public override string Kind => "a boolean";
}

/// <summary>
/// A date and time with its offset from UTC. Both are kept as written, because an offset of up to 23:59 and years 1 and
/// 9999 reach beyond what <see cref="DateTimeOffset"/> holds.
/// </summary>
public sealed class TomlOffsetDateTime(DateTime local, TimeSpan offset, TomlPlace place) : TomlValue(place)
{
    /// <summary>The time on the clock at <see cref="Offset"/>, to 100 ns.</summary>
    public DateTime Local { get; } = local;

    public TimeSpan Offset { get; } = offset;

    public override string Kind => "a date and time";
}

/// <summary>A date and time of no particular zone, to 100 ns.</summary>
public sealed class TomlLocalDateTime(DateTime value, TomlPlace place) : TomlValue(place)
{
    public DateTime Value { get; } = value;

    public override string Kind => "a date and time";
}

/// <summary>A date alone.</summary>
public sealed class TomlLocalDate(DateOnly value, TomlPlace place) : TomlValue(place)
{
    public DateOnly Value { get; } = value;

    public override string Kind => "a date";
}

/// <summary>A time of day alone, to 100 ns.</summary>
public sealed class TomlLocalTime(TimeOnly value, TomlPlace place) : TomlValue(place)
{
    public TimeOnly Value { get; } = value;

    public override string Kind => "a time";
}

/// <summary>An array in brackets, or the tables of one <c>[[header]]</c>.</summary>
public sealed class TomlArray : TomlValue
{
    private readonly List<TomlValue> _values;

    internal TomlArray(List<TomlValue> values, bool isOfTables, TomlPlace place)
        : base(place)
    {
        _values = values;
        IsOfTables = isOfTables;
    }

    public IReadOnlyList<TomlValue> Values => _values;

    public override string Kind => "an array";

    /// <summary>Whether it was made by <c>[[header]]</c> and may grow.</summary>
    internal bool IsOfTables { get; }

    internal void Add(TomlTable table) => _values.Add(table);
}

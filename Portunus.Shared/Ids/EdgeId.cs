using System.Text.Json.Serialization;

namespace Portunus.Shared.Ids;

/// <summary>Names one edge for ever; its name is for people and may change. Time-ordered (UUID version 7, RFC 9562).</summary>
[JsonConverter(typeof(EdgeIdJson))]
public readonly record struct EdgeId(Guid Value) : IComparable<EdgeId>
{
    /// <summary>A new id, later than all made before it on this machine (to the millisecond).</summary>
    public static EdgeId New() => new(Guid.CreateVersion7());

    /// <summary>Reads the 36-character form, in either case and without anything around it.</summary>
    public static bool TryParse(string? text, out EdgeId id)
    {
        // Guid skips blanks and takes signs and 0x inside the groups; an id must have one spelling.
        var isRead = Guid.TryParseExact(text, "D", out var value) && value.ToString("D").Equals(text, StringComparison.OrdinalIgnoreCase);
        id = isRead ? new EdgeId(value) : default;
        return isRead;
    }

    public int CompareTo(EdgeId other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString("D");

    public static bool operator <(EdgeId left, EdgeId right) => left.CompareTo(right) < 0;
    public static bool operator <=(EdgeId left, EdgeId right) => left.CompareTo(right) <= 0;
    public static bool operator >(EdgeId left, EdgeId right) => left.CompareTo(right) > 0;
    public static bool operator >=(EdgeId left, EdgeId right) => left.CompareTo(right) >= 0;
}

namespace Portunus.Shared.Ids;

/// <summary>Names one permission of an account to use ports. Time-ordered (UUID version 7, RFC 9562).</summary>
public readonly record struct GrantId(Guid Value) : IComparable<GrantId>
{
    /// <summary>A new id, later than all made before it on this machine (to the millisecond).</summary>
    public static GrantId New() => new(Guid.CreateVersion7());

    /// <summary>Reads the 36-character form, in either case and without anything around it.</summary>
    public static bool TryParse(string? text, out GrantId id)
    {
        // Guid skips blanks and takes signs and 0x inside the groups; an id must have one spelling.
        var isRead = Guid.TryParseExact(text, "D", out var value) && value.ToString("D").Equals(text, StringComparison.OrdinalIgnoreCase);
        id = isRead ? new GrantId(value) : default;
        return isRead;
    }

    public int CompareTo(GrantId other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString("D");

    public static bool operator <(GrantId left, GrantId right) => left.CompareTo(right) < 0;
    public static bool operator <=(GrantId left, GrantId right) => left.CompareTo(right) <= 0;
    public static bool operator >(GrantId left, GrantId right) => left.CompareTo(right) > 0;
    public static bool operator >=(GrantId left, GrantId right) => left.CompareTo(right) >= 0;
}

namespace Portunus.Web.Database.Ids;

/// <summary>Names one API token; it is no secret. Time-ordered (UUID version 7, RFC 9562).</summary>
internal readonly record struct ApiTokenId(Guid Value) : IComparable<ApiTokenId>
{
    /// <summary>A new id, later than all made before it on this machine (to the millisecond).</summary>
    public static ApiTokenId New() => new(Guid.CreateVersion7());

    /// <summary>Reads the 36-character form, in either case and without anything around it.</summary>
    public static bool TryParse(string? text, out ApiTokenId id)
    {
        // Guid skips blanks and takes signs and 0x inside the groups; an id must have one spelling.
        var isRead = Guid.TryParseExact(text, "D", out var value) && value.ToString("D").Equals(text, StringComparison.OrdinalIgnoreCase);
        id = isRead ? new ApiTokenId(value) : default;
        return isRead;
    }

    public int CompareTo(ApiTokenId other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString("D");

    public static bool operator <(ApiTokenId left, ApiTokenId right) => left.CompareTo(right) < 0;
    public static bool operator <=(ApiTokenId left, ApiTokenId right) => left.CompareTo(right) <= 0;
    public static bool operator >(ApiTokenId left, ApiTokenId right) => left.CompareTo(right) > 0;
    public static bool operator >=(ApiTokenId left, ApiTokenId right) => left.CompareTo(right) >= 0;
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Portunus.Shared.Ids;

/// <summary>
/// Names one rule for ever. The control plane makes time-ordered ones (UUID version 7, RFC 9562); a rule file has names
/// only, so its ids are derived from them (version 8) and stay the same over restarts and re-ordering.
/// </summary>
[JsonConverter(typeof(RuleIdJson))]
public readonly record struct RuleId(Guid Value) : IComparable<RuleId>
{
    /// <summary>A new id, later than all made before it on this machine (to the millisecond).</summary>
    public static RuleId New() => new(Guid.CreateVersion7());

    /// <summary>The id of a rule known by its name alone: the first 16 bytes of SHA-256 over the UTF-8 name, marked version 8.</summary>
    public static RuleId FromName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(name), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new RuleId(new Guid(hash[..16], bigEndian: true));
    }

    /// <summary>Reads the 36-character form, in either case and without anything around it.</summary>
    public static bool TryParse(string? text, out RuleId id)
    {
        // Guid skips blanks and takes signs and 0x inside the groups; an id must have one spelling.
        var isRead = Guid.TryParseExact(text, "D", out var value) && value.ToString("D").Equals(text, StringComparison.OrdinalIgnoreCase);
        id = isRead ? new RuleId(value) : default;
        return isRead;
    }

    public int CompareTo(RuleId other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString("D");

    public static bool operator <(RuleId left, RuleId right) => left.CompareTo(right) < 0;
    public static bool operator <=(RuleId left, RuleId right) => left.CompareTo(right) <= 0;
    public static bool operator >(RuleId left, RuleId right) => left.CompareTo(right) > 0;
    public static bool operator >=(RuleId left, RuleId right) => left.CompareTo(right) >= 0;
}

using System.Buffers.Binary;
using System.Net;

namespace Portunus.Edge.Targets;

/// <summary>
/// A question to a name server and the reading of its answer (RFC 1035 4, RFC 3596). Pure; whatever the bytes, nothing is
/// thrown. Without EDNS: an answer beyond 512 octets comes truncated and is asked for again over TCP.
/// </summary>
internal sealed class DnsMessage
{
    /// <summary>Header, the longest name, type and class.</summary>
    public const int MaxQueryLength = HeaderLength + 255 + 4;

    private const int HeaderLength = 12;
    private const ushort ClassInternet = 1;
    private const ushort FlagResponse = 0x8000;
    private const ushort FlagAuthoritative = 0x0400;
    private const ushort FlagTruncated = 0x0200;
    private const ushort FlagRecursionDesired = 0x0100;
    private const ushort FlagRecursionAvailable = 0x0080;
    private const ushort MaskOperation = 0x7800;
    private const ushort MaskCode = 0x000F;

    // Far more than any sane chain; it bounds a lookup in a hostile one.
    private const int MaxAliases = 16;

    private readonly ushort _flags;

    private DnsMessage(ushort id, ushort flags, string name, ushort type)
    {
        Id = id;
        _flags = flags;
        QuestionName = name;
        QuestionType = (DnsRecordType)type;
    }

    public ushort Id { get; }

    /// <summary>In lower case, without a last dot.</summary>
    public string QuestionName { get; }

    public DnsRecordType QuestionType { get; }

    public bool IsTruncated => (_flags & FlagTruncated) != 0;

    public DnsResponseCode Code => (DnsResponseCode)(_flags & MaskCode);

    /// <summary>The server owns the name's zone, or asks others on behalf of whoever asks it: an empty answer of any other is no answer.</summary>
    public bool IsCompetent => (_flags & (FlagAuthoritative | FlagRecursionAvailable)) != 0;

    /// <summary>Addresses of the type asked for, at the end of the chain of aliases, in the order given. Empty where truncated.</summary>
    public IPAddress[] Addresses { get; private set; } = [];

    /// <summary>The least of the chain and of the addresses; 0 without addresses.</summary>
    public uint TtlSeconds { get; private set; }

    /// <summary>Whether this answers that question: identifier, name, type and direction (RFC 5452 9.1).</summary>
    public bool Answers(ushort id, string name, DnsRecordType type) => (_flags & (FlagResponse | MaskOperation)) == FlagResponse
        && Id == id && QuestionType == type && string.Equals(QuestionName, name, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Writes a recursive query; false where <paramref name="name"/> is none that can be written (an empty label, one of more
    /// than 63 octets, more than 255 in all, characters beyond ASCII) or the room is less than it needs.
    /// </summary>
    public static bool TryWriteQuery(ushort id, string name, DnsRecordType type, Span<byte> into, out int length)
    {
        length = 0;
        if (into.Length < HeaderLength)
        {
            return false;
        }

        into[..HeaderLength].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(into, id);
        BinaryPrimitives.WriteUInt16BigEndian(into[2..], FlagRecursionDesired);
        BinaryPrimitives.WriteUInt16BigEndian(into[4..], 1);
        var place = HeaderLength;
        foreach (var label in name.Split('.'))
        {
            if (label.Length is 0 or > 63 || place + 1 + label.Length > into.Length || label.Any(one => !char.IsAscii(one)))
            {
                return false;
            }

            into[place++] = (byte)label.Length;
            foreach (var one in label)
            {
                into[place++] = (byte)one;
            }
        }

        if (place + 1 - HeaderLength > 255 || place + 5 > into.Length)
        {
            return false;
        }

        into[place++] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(into[place..], (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(into[(place + 2)..], ClassInternet);
        length = place + 4;
        return true;
    }

    /// <summary>Reads header, the one question and the answers; false where the bytes are no such message.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out DnsMessage? message)
    {
        message = null;
        var cursor = new DnsCursor(bytes, 0);
        if (!cursor.TryReadUInt16(out var id) || !cursor.TryReadUInt16(out var flags)
            || !cursor.TryReadUInt16(out var questions) || !cursor.TryReadUInt16(out var answers)
            || !cursor.TryReadUInt32(out _) || questions != 1
            || !cursor.TryReadName(out var name) || !cursor.TryReadUInt16(out var type)
            || !cursor.TryReadUInt16(out var questionClass) || questionClass != ClassInternet)
        {
            return false;
        }

        var read = new DnsMessage(id, flags, name, type);

        // A truncated message may end in the middle of a record, and is asked for again anyway.
        if (!read.IsTruncated && !read.TryReadAnswers(bytes, cursor, answers))
        {
            return false;
        }

        message = read;
        return true;
    }

    private bool TryReadAnswers(ReadOnlySpan<byte> bytes, DnsCursor cursor, int count)
    {
        var aliases = new Dictionary<string, (string Name, uint Ttl)>(StringComparer.Ordinal);
        var addresses = new List<(string Owner, IPAddress Address, uint Ttl)>();
        for (var i = 0; i < count; i++)
        {
            if (!cursor.TryReadName(out var owner) || !cursor.TryReadUInt16(out var type) || !cursor.TryReadUInt16(out var recordClass)
                || !cursor.TryReadUInt32(out var ttl) || !cursor.TryReadUInt16(out var length))
            {
                return false;
            }

            var start = cursor.Place;
            if (!cursor.TryReadBytes(length, out var content))
            {
                return false;
            }

            // RFC 2181 8: a set highest bit means zero.
            ttl = ttl > int.MaxValue ? 0 : ttl;
            if (recordClass != ClassInternet)
            {
                continue;
            }

            if (type == (ushort)DnsRecordType.Cname)
            {
                var inner = new DnsCursor(bytes, start);
                if (!inner.TryReadName(out var alias) || inner.Place != start + length)
                {
                    return false;
                }

                aliases.TryAdd(owner, (alias, ttl));
            }
            else if (type == (ushort)QuestionType && QuestionType is DnsRecordType.A or DnsRecordType.Aaaa)
            {
                if (length != (QuestionType == DnsRecordType.A ? 4 : 16))
                {
                    return false;
                }

                addresses.Add((owner, new IPAddress(content), ttl));
            }
        }

        Follow(aliases, addresses);
        return true;
    }

    /// <summary>Only what the chain from the question leads to is an answer; other records are nobody's business here.</summary>
    private void Follow(Dictionary<string, (string Name, uint Ttl)> aliases, List<(string Owner, IPAddress Address, uint Ttl)> addresses)
    {
        var name = QuestionName;
        var least = uint.MaxValue;
        for (var i = 0; i < MaxAliases && aliases.TryGetValue(name, out var alias); i++)
        {
            name = alias.Name;
            least = Math.Min(least, alias.Ttl);
        }

        var found = addresses.Where(record => record.Owner == name).ToList();
        Addresses = [.. found.Select(record => record.Address).Distinct()];
        TtlSeconds = found.Count == 0 ? 0 : found.Aggregate(least, (ttl, record) => Math.Min(ttl, record.Ttl));
    }
}

using System.Buffers.Binary;
using System.Text;

namespace Portunus.Edge.Targets;

/// <summary>Reads a DNS message forward. Each read answers false at the end of the bytes or where they make no sense; none throws.</summary>
internal ref struct DnsCursor
{
    // RFC 1035 2.3.4: 255 octets on the wire, length octets and the root included.
    private const int MaxNameOctets = 255;
    private const int PointerMark = 0xC0;

    private readonly ReadOnlySpan<byte> _message;
    private int _place;

    public DnsCursor(ReadOnlySpan<byte> message, int place)
    {
        _message = message;
        _place = place;
    }

    public bool TryReadUInt16(out ushort value)
    {
        value = 0;
        if (!TryReadBytes(2, out var bytes))
        {
            return false;
        }

        value = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        return true;
    }

    public bool TryReadUInt32(out uint value)
    {
        value = 0;
        if (!TryReadBytes(4, out var bytes))
        {
            return false;
        }

        value = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return true;
    }

    public bool TryReadBytes(int count, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (count > _message.Length - _place)
        {
            return false;
        }

        bytes = _message.Slice(_place, count);
        _place += count;
        return true;
    }

    /// <summary>Where the next read begins.</summary>
    public readonly int Place => _place;

    /// <summary>
    /// A name in lower case without its last dot, "" for the root. Octets that a host name does not have are written \DDD
    /// (RFC 1035 5.1), so that a dot inside a label never looks like the end of one.
    /// </summary>
    public bool TryReadName(out string name)
    {
        name = "";
        var text = new StringBuilder();
        var at = _place;
        var octets = 1;
        var jumped = false;

        // A pointer must lead to before the piece of the name it stands in (RFC 1035 4.1.4: a prior occurrence), so each
        // jump goes further back and a loop cannot be written.
        var floor = _place;
        while (true)
        {
            if (at >= _message.Length)
            {
                return false;
            }

            var length = _message[at];
            if ((length & PointerMark) == PointerMark)
            {
                if (at + 1 >= _message.Length)
                {
                    return false;
                }

                var target = ((length & ~PointerMark) << 8) | _message[at + 1];
                if (target >= floor)
                {
                    return false;
                }

                _place = jumped ? _place : at + 2;
                jumped = true;
                floor = target;
                at = target;
                continue;
            }

            octets += length + 1;
            if ((length & PointerMark) != 0 || at + 1 + length > _message.Length || (length != 0 && octets > MaxNameOctets))
            {
                return false;
            }

            if (length == 0)
            {
                _place = jumped ? _place : at + 1;
                name = text.ToString();
                return true;
            }

            AppendLabel(text, _message.Slice(at + 1, length));
            at += 1 + length;
        }
    }

    private static void AppendLabel(StringBuilder text, ReadOnlySpan<byte> label)
    {
        if (text.Length > 0)
        {
            text.Append('.');
        }

        foreach (var one in label)
        {
            var letter = (char)one;
            if (char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_')
            {
                text.Append(char.ToLowerInvariant(letter));
            }
            else
            {
                text.Append('\\').Append(one.ToString("D3"));
            }
        }
    }
}

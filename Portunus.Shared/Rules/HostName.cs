using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Portunus.Shared.Rules;

/// <summary>
/// The grammar of hosts: an IPv4 literal in dotted form, an IPv6 literal (bracketed where a port follows), or a DNS name of
/// letters, digits and hyphens (RFC 952, RFC 1123), internationalised names in their xn-- form.
/// </summary>
public static class HostName
{
    /// <summary>RFC 1035: 255 octets on the wire leave 253 characters.</summary>
    public const int MaxLength = 253;

    /// <summary>RFC 1035.</summary>
    public const int MaxLabelLength = 63;

    /// <summary>Reads an address in its ordinary form; an IPv6 address may have brackets. Octal, hex or short IPv4 forms are not ordinary.</summary>
    public static bool TryParseLiteral(string? text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        var isBracketed = text.Length > 2 && text[0] == '[' && text[^1] == ']';
        var bare = isBracketed ? text[1..^1] : text;
        if (bare.Contains('[') || bare.Contains(']') || !IPAddress.TryParse(bare, out var parsed))
        {
            return false;
        }

        var isIpv6 = parsed.AddressFamily == AddressFamily.InterNetworkV6;
        if (isBracketed && !isIpv6)
        {
            return false;
        }

        // IPAddress also takes 1, 0x7f.1 and 010.0.0.1, which people mean as something else.
        if (!isIpv6 && !string.Equals(parsed.ToString(), bare, StringComparison.Ordinal))
        {
            return false;
        }

        // A zone that names no interface is dropped in silence by IPAddress, and the address would mean another place.
        if (isIpv6 && bare.Contains('%') && parsed.ScopeId == 0)
        {
            return false;
        }

        address = parsed;
        return true;
    }

    /// <summary>Reads a DNS name into lower case without its trailing dot, or says what is wrong with it.</summary>
    public static bool TryParseName(string? text, out string name, out string code, out string reason)
    {
        name = LowerAscii(text ?? "");
        name = name.EndsWith('.') ? name[..^1] : name;
        (code, reason) = Fault(name, text ?? "");
        return code.Length == 0;
    }

    /// <summary>ASCII letters only: the full table would turn the Kelvin sign into a k, and one name into another.</summary>
    private static string LowerAscii(string text) => string.Create(text.Length, text, static (into, from) =>
    {
        for (var i = 0; i < from.Length; i++)
        {
            into[i] = char.IsAsciiLetterUpper(from[i]) ? (char)(from[i] | 0x20) : from[i];
        }
    });

    private static (string Code, string Reason) Fault(string name, string text)
    {
        if (name.Length == 0)
        {
            return ("host_empty", "The host is empty.");
        }

        if (name.Contains(':'))
        {
            return ("host_ipv6_brackets", $"\"{text}\" looks like an IPv6 address that is malformed or lacks its brackets.");
        }

        if (name.Length > MaxLength)
        {
            return ("host_too_long", $"A host name has at most {MaxLength} characters; this has {name.Length}.");
        }

        foreach (var label in name.Split('.'))
        {
            if (label.Length == 0)
            {
                return ("host_label_empty", $"\"{text}\" has an empty label.");
            }

            if (label.Length > MaxLabelLength)
            {
                return ("host_label_too_long", $"A label of a host name has at most {MaxLabelLength} characters; \"{label}\" has {label.Length}.");
            }

            if (label[0] == '-' || label[^1] == '-')
            {
                return ("host_label_hyphen", $"The label \"{label}\" must not begin or end with a hyphen.");
            }

            if (label.Any(one => !char.IsAsciiLetterOrDigit(one) && one != '-'))
            {
                return ("host_character", $"\"{text}\" may contain only letters, digits, hyphens and dots; write international names in their xn-- form.");
            }
        }

        return name.All(one => char.IsAsciiDigit(one) || one == '.')
            ? ("host_numeric", $"\"{text}\" is neither an IPv4 address nor a name: a name needs a letter.")
            : ("", "");
    }
}

using System.Diagnostics.CodeAnalysis;

namespace Portunus.Shared.Rules;

/// <summary>An exact DNS name or <c>*.suffix</c> (one label in place of the star), lower case, no trailing dot.</summary>
/// <param name="Name">The exact name, or the suffix after <c>*.</c></param>
/// <param name="IsWildcard">Whether one label stands before <paramref name="Name"/>.</param>
public sealed record HostPattern(string Name, bool IsWildcard)
{
    /// <summary>Reads a pattern, or says what is wrong with it. A wildcard needs a suffix of at least two labels.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out HostPattern? pattern, out string reason)
    {
        pattern = null;
        var trimmed = (text ?? "").Trim();
        var isWildcard = trimmed.StartsWith("*.", StringComparison.Ordinal);
        var name = isWildcard ? trimmed[2..] : trimmed;
        if (name.Contains('*'))
        {
            reason = $"\"{text}\": a star may stand only for the first label, as in *.example.org.";
            return false;
        }

        if (HostName.TryParseLiteral(name, out _))
        {
            reason = $"\"{text}\" is an address; a server name is a DNS name.";
            return false;
        }

        if (!HostName.TryParseName(name, out var normal, out _, out reason))
        {
            return false;
        }

        if (isWildcard && !normal.Contains('.'))
        {
            reason = $"\"{text}\" would match a whole top-level domain; a wildcard needs at least two labels after the star.";
            return false;
        }

        pattern = new HostPattern(normal, isWildcard);
        return true;
    }

    /// <summary>Whether a server name, lower case and without trailing dot, matches.</summary>
    public bool Matches(ReadOnlySpan<char> host)
    {
        if (!IsWildcard)
        {
            return host.SequenceEqual(Name);
        }

        var dot = host.IndexOf('.');
        return dot > 0 && host[(dot + 1)..].SequenceEqual(Name);
    }

    public override string ToString() => IsWildcard ? "*." + Name : Name;
}

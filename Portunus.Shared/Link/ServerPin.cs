using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Portunus.Shared.Link;

/// <summary>
/// What an edge knows a control plane by: SHA-256 over the public key of its certificate (SubjectPublicKeyInfo, RFC 7469 2.4), so that
/// a certificate can be made anew for the same key. Written <c>sha256:</c> and 64 hex digits.
/// </summary>
public sealed record ServerPin
{
    private const string Prefix = "sha256:";

    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789abcdefABCDEF");

    private ServerPin(string text) => Text = text;

    /// <summary>In lower case.</summary>
    public string Text { get; }

    /// <summary>The pin of a public key.</summary>
    /// <param name="subjectPublicKeyInfo">DER, as a certificate has it.</param>
    public static ServerPin Of(ReadOnlySpan<byte> subjectPublicKeyInfo) => new(Prefix + Convert.ToHexStringLower(SHA256.HashData(subjectPublicKeyInfo)));

    public static bool TryParse(string? text, [NotNullWhen(true)] out ServerPin? pin)
    {
        pin = text is not null && text.Length == Prefix.Length + 64 && text.StartsWith(Prefix, StringComparison.Ordinal) && text.AsSpan(Prefix.Length).IndexOfAnyExcept(s_digits) < 0
            ? new ServerPin(text.ToLowerInvariant())
            : null;
        return pin is not null;
    }

    public override string ToString() => Text;
}

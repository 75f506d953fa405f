using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Portunus.Shared.Link;

/// <summary>The enrolment line: <c>portunus://HOST:PORT/enroll?pin=sha256:…&amp;code=…</c>.</summary>
/// <param name="Host">Name or address literal, without brackets.</param>
/// <param name="Port">1 to 65535.</param>
/// <param name="Pin">What the server must show before anything is sent to it.</param>
/// <param name="Code">Good once; base64url characters.</param>
public sealed record EnrollUri(string Host, int Port, ServerPin Pin, string Code)
{
    public const string Scheme = "portunus";

    private const int MaxLength = 1024;

    private static readonly SearchValues<char> s_codeCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>Reads a line. What is wrong with it is told in a sentence that does not repeat the code.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out EnrollUri? uri, [NotNullWhen(false)] out string? problem)
    {
        uri = null;
        problem = Read(text?.Trim() ?? "", ref uri);
        return uri is not null && problem is null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Scheme}://{Bracketed}:{Port}/enroll?pin={Pin}&code={Code}");

    /// <summary>The host as a URI spells it.</summary>
    public string Bracketed => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;

    private static string? Read(string text, ref EnrollUri? uri)
    {
        if (text.Length > MaxLength || !Uri.TryCreate(text, UriKind.Absolute, out var read) || read.Scheme != Scheme || read.AbsolutePath != "/enroll" || read.UserInfo.Length > 0 || read.Fragment.Length > 0)
        {
            return "An enrolment line has the form portunus://HOST:PORT/enroll?pin=sha256:…&code=….";
        }

        if (read.Host.Length == 0 || read.Port is < 1 or > 65535)
        {
            return "The enrolment line names no host and port.";
        }

        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in read.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = part.Split('=', 2) is [var one, var two] ? (one, Uri.UnescapeDataString(two)) : (part, "");
            if (name is not ("pin" or "code") || !fields.TryAdd(name, value))
            {
                return $"The enrolment line has {(name is "pin" or "code" ? $"{name} twice" : "a field that is not known")}.";
            }
        }

        if (!ServerPin.TryParse(fields.GetValueOrDefault("pin"), out var pin))
        {
            return "The pin of the enrolment line must be sha256: and 64 hex digits.";
        }

        if (fields.GetValueOrDefault("code") is not { Length: > 0 } code || code.AsSpan().ContainsAnyExcept(s_codeCharacters))
        {
            return "The code of the enrolment line is missing or not one.";
        }

        uri = new EnrollUri(read.IdnHost.Trim('[', ']'), read.Port, pin, code);
        return null;
    }
}

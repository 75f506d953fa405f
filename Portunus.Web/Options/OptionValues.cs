using System.Globalization;
using System.Net;
using Portunus.Shared.Rules;

namespace Portunus.Web.Options;

/// <summary>Reads single values of options; what cannot be read becomes a sentence that names where it stood.</summary>
internal static class OptionValues
{
    /// <summary>An address and a port: <c>127.0.0.1:7080</c>, <c>[::1]:7080</c>. Port 0 lets the kernel choose.</summary>
    public static bool TryEndPoint(string text, out IPEndPoint value)
    {
        value = new IPEndPoint(IPAddress.None, 0);
        // Without a port IPEndPoint would quietly take 0, which means any.
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || text[colon - 1] == ':' || (text.AsSpan(0, colon).Contains(':') && text[colon - 1] != ']')
            || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _)
            || !IPEndPoint.TryParse(text, out var read))
        {
            return false;
        }

        value = read;
        return true;
    }

    /// <summary>Scheme, host and port of a site, and nothing else: <c>https://portunus.example.org</c>.</summary>
    public static bool TryOrigin(string text, out Uri value)
    {
        value = new Uri("http://none.invalid");
        if (!Uri.TryCreate(text, UriKind.Absolute, out var read) || (read.Scheme != Uri.UriSchemeHttp && read.Scheme != Uri.UriSchemeHttps)
            || read.UserInfo.Length > 0 || read.Host.Length == 0 || text.EndsWith('/')
            || read.PathAndQuery != "/" || read.Fragment.Length > 0 || text.Any(char.IsWhiteSpace) || text.Contains('?', StringComparison.Ordinal))
        {
            return false;
        }

        value = read;
        return true;
    }

    /// <summary>Host and port as an edge dials them: <c>portunus.example.org:7443</c>.</summary>
    public static bool TryHostPort(string text, out string value)
    {
        value = text;
        return Uri.TryCreate($"tcp://{text}", UriKind.Absolute, out var read) && read.Port is > 0 and <= 65535 && read.UserInfo.Length == 0
            && read.PathAndQuery is "" or "/" && !text.EndsWith('/') && Uri.CheckHostName(read.Host.Trim('[', ']')) != UriHostNameType.Unknown;
    }

    public static bool TryLevel(string text, out LogLevel value)
    {
        (var isKnown, value) = text switch
        {
            "trace" => (true, LogLevel.Trace),
            "debug" => (true, LogLevel.Debug),
            "info" => (true, LogLevel.Information),
            "warn" => (true, LogLevel.Warning),
            "error" => (true, LogLevel.Error),
            _ => (false, LogLevel.Information),
        };
        return isKnown;
    }

    public static bool TryFormat(string text, out LogFormat value)
    {
        value = text == "json" ? LogFormat.Json : LogFormat.Text;
        return text is "json" or "text";
    }

    public static bool TryDays(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= 36500;

    /// <summary>Prefixes with commas between them.</summary>
    public static bool TryPrefixes(string text, out IReadOnlyList<IPNetwork> value)
    {
        var read = new List<IPNetwork>();
        value = read;
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!CidrSet.TryParsePrefix(part, out var network, out _))
            {
                return false;
            }

            read.Add(network);
        }

        return true;
    }
}

using System.Buffers;
using System.Text;

namespace Portunus.Edge.Scrape;

/// <summary>
/// The head of one request, as far as two read-only pages need it (RFC 9112, sections 2–5). What is not well formed is
/// refused rather than guessed at. Pure.
/// </summary>
/// <param name="Method">As sent.</param>
/// <param name="Path">Without the query; empty where the target is not a path.</param>
/// <param name="Refusal">The status to answer with, or 0 for a request to be served.</param>
internal readonly record struct ScrapeRequest(string Method, string Path, int Refusal)
{
    private static readonly SearchValues<byte> s_token = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>Where the head ends, after its empty line; -1 while it has not all arrived. A bare LF ends a line too (RFC 9112, 2.2).</summary>
    public static int FindEnd(ReadOnlySpan<byte> bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var length = bytes[at..].IndexOf((byte)'\n');
            if (length < 0)
            {
                return -1;
            }

            var next = at + length + 1;
            var rest = bytes[next..];
            if (rest.StartsWith("\n"u8))
            {
                return next + 1;
            }

            if (rest.StartsWith("\r\n"u8))
            {
                return next + 2;
            }

            at = next;
        }

        return -1;
    }

    /// <summary>Reads a whole head, its empty line included.</summary>
    public static ScrapeRequest Read(ReadOnlySpan<byte> head)
    {
        var request = NextLine(ref head);
        var firstSpace = request.IndexOf((byte)' ');
        var lastSpace = request.LastIndexOf((byte)' ');
        if (firstSpace <= 0 || lastSpace == firstSpace)
        {
            return Refused(400);
        }

        var method = request[..firstSpace];
        var target = request[(firstSpace + 1)..lastSpace];
        var version = request[(lastSpace + 1)..];
        if (method.ContainsAnyExcept(s_token) || target.IsEmpty || target.ContainsAnyExceptInRange((byte)0x21, (byte)0x7E))
        {
            return Refused(400);
        }

        var is11 = version.SequenceEqual("HTTP/1.1"u8);
        if (!is11 && !version.SequenceEqual("HTTP/1.0"u8))
        {
            return Refused(version.StartsWith("HTTP/"u8) ? 505 : 400);
        }

        if (!TryReadFields(head, out var hosts) || hosts > 1 || (is11 && hosts == 0))
        {
            return Refused(400);
        }

        return new ScrapeRequest(Encoding.ASCII.GetString(method), PathOf(Encoding.ASCII.GetString(target)), 0);
    }

    private static ScrapeRequest Refused(int status) => new("", "", status);

    private static bool TryReadFields(ReadOnlySpan<byte> head, out int hosts)
    {
        hosts = 0;
        while (true)
        {
            var field = NextLine(ref head);
            if (field.IsEmpty)
            {
                return true;
            }

            var colon = field.IndexOf((byte)':');
            if (colon <= 0 || field[..colon].ContainsAnyExcept(s_token) || field.ContainsAny((byte)0, (byte)'\r'))
            {
                return false;
            }

            hosts += Ascii.EqualsIgnoreCase(field[..colon], "host"u8) ? 1 : 0;
        }
    }

    private static ReadOnlySpan<byte> NextLine(ref ReadOnlySpan<byte> head)
    {
        var end = head.IndexOf((byte)'\n');
        if (end < 0)
        {
            head = [];
            return [];
        }

        var line = head[..end];
        head = head[(end + 1)..];
        return line.EndsWith("\r"u8) ? line[..^1] : line;
    }

    /// <summary>A server must take the absolute form too (RFC 9112, 3.2.2).</summary>
    private static string PathOf(string target)
    {
        if (target.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            var slash = target.IndexOf('/', "http://".Length);
            target = slash < 0 ? "/" : target[slash..];
        }

        return target.StartsWith('/') ? target.Split('?')[0] : "";
    }
}

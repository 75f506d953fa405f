using System.Text;

namespace Portunus.Edge.Scrape;

/// <summary>One response. The connection always closes after it: scrapes are seconds apart, and an open one costs a place.</summary>
/// <param name="Status">Of RFC 9110, section 15.</param>
/// <param name="ContentType">Of the body.</param>
/// <param name="Body">The body; a HEAD request is told its length only.</param>
internal sealed record ScrapeAnswer(int Status, string ContentType, byte[] Body)
{
    private const string Plain = "text/plain; charset=utf-8";

    /// <summary>A sentence about a request that is not served.</summary>
    public static ScrapeAnswer Of(int status) => new(status, Plain, Encoding.UTF8.GetBytes($"{status} {Reason(status)}\n"));

    public byte[] ToBytes(bool headOnly)
    {
        var head = new StringBuilder()
            .Append($"HTTP/1.1 {Status} {Reason(Status)}\r\n")
            .Append($"Content-Type: {ContentType}\r\n")
            .Append($"Content-Length: {Body.Length}\r\n")
            .Append(Status == 405 ? "Allow: GET, HEAD\r\n" : "")
            .Append("Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n");
        var bytes = Encoding.ASCII.GetBytes(head.ToString());
        return headOnly ? bytes : [.. bytes, .. Body];
    }

    private static string Reason(int status) => status switch
    {
        200 => "OK",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "HTTP Version Not Supported",
    };
}

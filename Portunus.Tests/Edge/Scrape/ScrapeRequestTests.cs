using System.Text;
using Portunus.Edge.Scrape;

namespace Portunus.Tests.Edge.Scrape;

public sealed class ScrapeRequestTests
{
    [Theory]
    [InlineData("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "GET", "/metrics")]
    [InlineData("HEAD /healthz?a=b HTTP/1.0\r\n\r\n", "HEAD", "/healthz")]
    [InlineData("GET http://edge:7081/metrics?x HTTP/1.1\nHost: x\n\n", "GET", "/metrics")]
    [InlineData("GET HTTP://edge HTTP/1.1\r\nhOST:\r\n\r\n", "GET", "/")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "OPTIONS", "")]
    public void Read_WellFormed_GivesMethodAndPath(string head, string method, string path)
    {
        var bytes = Encoding.Latin1.GetBytes(head);
        Assert.Equal(bytes.Length, ScrapeRequest.FindEnd(bytes));
        Assert.Equal(new ScrapeRequest(method, path, 0), ScrapeRequest.Read(bytes));
    }

    [Theory]
    [InlineData("GET\r\n\r\n", 400)]
    [InlineData("GET /metrics\r\n\r\n", 400)]
    [InlineData(" / HTTP/1.1\r\nHost: x\r\n\r\n", 400)]
    [InlineData("G(T / HTTP/1.1\r\nHost: x\r\n\r\n", 400)]
    [InlineData("GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400)]
    [InlineData("GET /\u0001 HTTP/1.1\r\nHost: x\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", 400)]
    [InlineData("GET / FTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505)]
    public void Read_Malformed_IsRefused(string head, int status) =>
        Assert.Equal(status, ScrapeRequest.Read(Encoding.Latin1.GetBytes(head)).Refusal);

    [Fact]
    public void FindEnd_EachPrefix_IsNotYetWhole()
    {
        var bytes = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray();
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(-1, ScrapeRequest.FindEnd(bytes.AsSpan(0, length)));
        }
    }

    [Fact]
    public void Read_RandomBytes_NeverThrows()
    {
        var random = new Random(7081);
        var seed = "GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n"u8.ToArray();
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = round % 2 == 0 ? [.. seed] : new byte[random.Next(64)];
            if (round % 2 == 0)
            {
                for (var change = random.Next(1, 5); change > 0; change--)
                {
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                }
            }
            else
            {
                random.NextBytes(bytes);
            }

            var end = ScrapeRequest.FindEnd(bytes);
            Assert.InRange(end, -1, bytes.Length);
            Assert.Contains(ScrapeRequest.Read(bytes).Refusal, new[] { 0, 400, 505 });
        }
    }
}

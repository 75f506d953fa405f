using System.Text;
using Portunus.Shared.Link;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Shared.Link;

public sealed class EnrollUriTests
{
    private static readonly string s_pin = "sha256:" + new string('a', 64);

    [Theory]
    [InlineData("edge.example:7443", "edge.example", 7443)]
    [InlineData("192.0.2.7:443", "192.0.2.7", 443)]
    [InlineData("[2001:db8::1]:7443", "2001:db8::1", 7443)]
    public void TryParse_WhatWasPrinted_IsReadAgain(string place, string host, int port)
    {
        Assert.True(EnrollUri.TryParse($" portunus://{place}/enroll?pin={s_pin}&code=Ab-_9\n", out var uri, out _));
        Assert.Equal((host, port, "Ab-_9", s_pin), (uri.Host, uri.Port, uri.Code, uri.Pin.Text));
        Assert.Equal($"portunus://{place}/enroll?pin={s_pin}&code=Ab-_9", uri.ToString());
        Assert.True(EnrollUri.TryParse(uri.ToString(), out var again, out _));
        Assert.Equal(uri, again);
    }

    [Theory]
    [InlineData("", "form")]
    [InlineData("https://a:1/enroll?pin=P&code=x", "form")]
    [InlineData("portunus://a:1/other?pin=P&code=x", "form")]
    [InlineData("portunus://me@a:1/enroll?pin=P&code=x", "form")]
    [InlineData("portunus://a/enroll?pin=P&code=x", "port")]
    [InlineData("portunus://a:1/enroll?code=x", "pin")]
    [InlineData("portunus://a:1/enroll?pin=sha256:12&code=x", "pin")]
    [InlineData("portunus://a:1/enroll?pin=P", "code")]
    [InlineData("portunus://a:1/enroll?pin=P&code=a%20b", "code")]
    [InlineData("portunus://a:1/enroll?pin=P&pin=P&code=x", "twice")]
    [InlineData("portunus://a:1/enroll?pin=P&code=x&more=1", "not known")]
    public void TryParse_WrongLine_IsToldWhatIsWrong(string line, string word)
    {
        Assert.False(EnrollUri.TryParse(line.Replace("P", s_pin, StringComparison.Ordinal), out _, out var problem));
        Assert.Contains(word, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_ChangedBytes_NeitherThrowsNorTellsTheCode()
    {
        var line = $"portunus://edge.example:7443/enroll?pin={s_pin}&code=SECRETCODE";
        var random = new Random(20261125);
        for (var i = 0; i < 3000; i++)
        {
            var text = Encoding.Latin1.GetString(MutatedBytes.Of(Encoding.ASCII.GetBytes(line), random, 4, 12));
            if (!EnrollUri.TryParse(text, out var uri, out var problem))
            {
                Assert.DoesNotContain("SECRETCODE", problem, StringComparison.Ordinal);
            }
            else
            {
                Assert.InRange(uri.Port, 1, 65535);
            }
        }
    }
}

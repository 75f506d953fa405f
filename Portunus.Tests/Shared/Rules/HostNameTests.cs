using System.Net;
using Portunus.Shared.Rules;

namespace Portunus.Tests.Shared.Rules;

/// <summary>Addresses in their ordinary form, names as DNS has them.</summary>
public sealed class HostNameTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("2001:DB8:0:0::1")]
    [InlineData("::ffff:192.0.2.1")]
    [InlineData("[::1]")]
    [InlineData("fe80::1%1")]
    public void OrdinaryAddress_IsRead(string text)
    {
        Assert.True(HostName.TryParseLiteral(text, out var address));
        Assert.Equal(IPAddress.Parse(text), address);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("127.1")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("010.0.0.1")]
    [InlineData("1.2.3.4.")]
    [InlineData(" 1.2.3.4")]
    [InlineData("256.1.1.1")]
    [InlineData("[1.2.3.4]")]
    [InlineData("[::1")]
    [InlineData("::1]")]
    [InlineData("[[::1]]")]
    [InlineData("[]")]
    [InlineData("[::1]:80")]
    [InlineData("::1/128")]
    [InlineData("::1%")]
    [InlineData("fe80::1%no-such-interface")]
    [InlineData("fe80::1%99999999999")]
    [InlineData("example.org")]
    public void OddAddress_IsNotRead(string? text)
    {
        Assert.False(HostName.TryParseLiteral(text, out var address));
        Assert.Null(address);
    }

    [Theory]
    [InlineData("localhost", "localhost")]
    [InlineData("A.B-C.9d", "a.b-c.9d")]
    [InlineData("Example.ORG.", "example.org")]
    [InlineData("xn--a", "xn--a")]
    [InlineData("a--b", "a--b")]
    public void Name_IsReadInLowerCaseWithoutTrailingDot(string text, string wanted)
    {
        Assert.True(HostName.TryParseName(text, out var name, out var code, out var reason));
        Assert.Equal((wanted, "", ""), (name, code, reason));
    }

    [Fact]
    public void Lengths_AreTakenAtTheirBounds()
    {
        Assert.True(HostName.TryParseName(ProblemCases.Name(253), out _, out _, out _));
        Assert.True(HostName.TryParseName(ProblemCases.Name(253) + ".", out _, out _, out _));
        Assert.False(HostName.TryParseName(ProblemCases.Name(254), out _, out var whole, out _));
        Assert.True(HostName.TryParseName(new string('a', 63), out _, out _, out _));
        Assert.False(HostName.TryParseName(new string('a', 64), out _, out var label, out _));
        Assert.Equal(("host_too_long", "host_label_too_long"), (whole, label));
    }

    [Theory]
    [InlineData(null, "host_empty")]
    [InlineData(".", "host_empty")]
    [InlineData("a..", "host_label_empty")]
    [InlineData("a b", "host_character")]
    [InlineData("\u212Aelvin", "host_character")]
    [InlineData("1.2.3.4", "host_numeric")]
    [InlineData("0", "host_numeric")]
    public void OddName_IsRefused(string? text, string wanted)
    {
        Assert.False(HostName.TryParseName(text, out _, out var code, out var reason));
        Assert.Equal(wanted, code);
        Assert.NotEmpty(reason);
    }
}

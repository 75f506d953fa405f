using System.Net;
using Portunus.Shared.Rules;

namespace Portunus.Tests.Shared.Rules;

/// <summary>Which rules can stand side by side on one edge.</summary>
public sealed class PortClaimsTests
{
    [Theory]
    [InlineData(null, null, true)]
    [InlineData(null, "127.0.0.1", true)]
    [InlineData(null, "::1", true)]
    [InlineData(null, "::", true)]
    [InlineData(null, "0.0.0.0", true)]
    [InlineData("::", "::1", true)]
    [InlineData("::", "::", true)]
    [InlineData("::", "0.0.0.0", false)]
    [InlineData("::", "127.0.0.1", false)]
    [InlineData("0.0.0.0", "127.0.0.1", true)]
    [InlineData("0.0.0.0", "::1", false)]
    [InlineData("127.0.0.1", "127.0.0.2", false)]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("127.0.0.1", "::ffff:127.0.0.1", true)]
    [InlineData("::1", "0:0::0:1", true)]
    public void OnePort_CollidesWhereAddressesOverlap(string? one, string? other, bool wanted)
    {
        var first = Rule("one", 443, one);
        var second = Rule("two", 443, other);
        Assert.Equal(wanted, PortClaims.Collide(first, second) is { Code: "port_collision", Field: "listen_port" });
        Assert.Equal(wanted, PortClaims.Collide(second, first) is not null);
        Assert.Equal(wanted ? 1 : 0, PortClaims.FindCollisions([first, second]).Count);
    }

    [Fact]
    public void Collision_NamesThePortAndTheOtherRule()
    {
        var first = RuleCheckTests.Sound(ProblemCases.Sound with { Name = "wide", ListenPort = null, ListenPorts = "80-90", Target = "10.0.0.1:80-90" });
        Assert.Equal("Port 85 is already taken by the rule \"wide\".", PortClaims.Collide(first, Rule("two", 85))?.Text);
        Assert.Equal(("listen_ports", "Port 85 is already taken by the rule \"two\"."), PortClaims.Collide(Rule("two", 85), first) is { } told ? (told.Field, told.Text) : default);
        Assert.Null(PortClaims.Collide(first, Rule("two", 79)));
        Assert.Null(PortClaims.Collide(first, Rule("two", 91)));
    }

    [Fact]
    public void TcpAndUdp_ShareAPort() => Assert.Null(PortClaims.Collide(Rule("one", 53), Rule("two", 53) with { Protocol = TransportProtocol.Udp }));

    [Fact]
    public void TwoUdpRules_Collide() => Assert.NotNull(PortClaims.Collide(
        Rule("one", 53) with { Protocol = TransportProtocol.Udp }, Rule("two", 53) with { Protocol = TransportProtocol.Udp }));

    [Theory]
    [InlineData("a.example", "b.example", null)]
    [InlineData("a.example", "*.example.org", null)]
    [InlineData("www.example.org", "*.example.org", null)]
    [InlineData("a.example", "", null)]
    [InlineData("", "a.example", null)]
    [InlineData("A.example.", "a.EXAMPLE", "sni_name_duplicate")]
    [InlineData("*.example.org", "*.Example.org", "sni_name_duplicate")]
    [InlineData("", "", "sni_fallback_duplicate")]
    [InlineData("a.example", null, "port_collision")]
    [InlineData(null, "a.example", "port_collision")]
    [InlineData("", null, "port_collision")]
    public void OnePort_IsSharedByServerName(string? one, string? other, string? code)
    {
        var rules = new[] { Named("one", one), Named("two", other) };
        Assert.Equal(code, PortClaims.Collide(rules[0], rules[1])?.Code);
        Assert.Equal(code, PortClaims.FindCollisions(rules).SingleOrDefault()?.Problem.Code);
    }

    [Fact]
    public void SharingByServerName_NeedsTheSameAddress()
    {
        Assert.Equal("port_collision", PortClaims.Collide(Named("one", "a.example"), Named("two", "b.example", "127.0.0.1"))?.Code);
        Assert.Null(PortClaims.Collide(Named("one", "a.example", "127.0.0.1"), Named("two", "b.example", "127.0.0.1")));
    }

    [Fact]
    public void DisabledRule_HoldsNoClaim()
    {
        var off = Rule("one", 80) with { Enabled = false };
        Assert.Empty(PortClaims.FindCollisions([off, Rule("two", 80)]));
        Assert.Empty(PortClaims.FindCollisions([Rule("two", 80), off]));
        Assert.Single(PortClaims.FindCollisions([Rule("two", 80), off with { Enabled = true }]));
    }

    [Fact]
    public void ExpiredRule_HoldsNoClaim()
    {
        var end = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        CheckedRule[] rules = [Rule("one", 80) with { ExpiresAt = end }, Rule("two", 80)];
        Assert.Single(PortClaims.FindCollisions(rules, end.AddTicks(-1)));
        Assert.Empty(PortClaims.FindCollisions(rules, end));
        Assert.Single(PortClaims.FindCollisions(rules));
    }

    [Fact]
    public void ThirdRule_IsToldOfTheFirst()
    {
        var collisions = PortClaims.FindCollisions([Rule("a", 80), Rule("b", 80), Rule("c", 80)]);
        Assert.Equal([(0, 1), (0, 2)], collisions.Select(one => (one.First, one.Second)));
    }

    [Fact]
    public void EarliestRuleIsTold_WhateverThePortOrder()
    {
        CheckedRule[] rules = [Ports("late", "90-95"), Ports("early", "70-75"), Ports("wide", "70-95")];
        Assert.Equal([(0, 2)], PortClaims.FindCollisions(rules).Select(one => (one.First, one.Second)));
    }

    [Fact]
    public void RandomRules_CollideAsEachPairSays()
    {
        var random = new Random(77);
        string?[] addresses = [null, "::", "0.0.0.0", "127.0.0.1", "::1"];
        for (var turn = 0; turn < 300; turn++)
        {
            var rules = Enumerable.Range(0, random.Next(2, 14)).Select(number =>
            {
                var first = random.Next(1000, 1030);
                var rule = Ports($"r{number}", $"{first}-{first + random.Next(6)}") with { Enabled = random.Next(5) > 0 };
                return rule with
                {
                    ListenAddress = addresses[random.Next(addresses.Length)] is { } text ? IPAddress.Parse(text) : null,
                    Protocol = random.Next(4) == 0 ? TransportProtocol.Udp : TransportProtocol.Tcp,
                    SniFallback = random.Next(3) == 0,
                };
            }).ToArray();
            var wanted = Enumerable.Range(0, rules.Length)
                .Select(second => (First: Enumerable.Range(0, second).FirstOrDefault(first => rules[first].Enabled && rules[second].Enabled && PortClaims.Collide(rules[first], rules[second]) is not null, -1), Second: second))
                .Where(pair => pair.First >= 0);
            Assert.Equal(wanted, PortClaims.FindCollisions(rules).Select(one => (one.First, one.Second)));
        }
    }

    [Fact]
    public void ThousandsOnOnePort_AreAskedWithoutASetForEachPair()
    {
        var shared = Named("one", "a.example");
        var rules = Enumerable.Range(0, 1000).Select(number => shared with { Sni = [new HostPattern($"n{number}.example", false)] }).ToArray();
        Assert.Empty(PortClaims.FindCollisions(rules));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Empty(PortClaims.FindCollisions(rules));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    private static CheckedRule Rule(string name, int port, string? address = null) =>
        RuleCheckTests.Sound(ProblemCases.Sound with { Name = name, ListenPort = port, ListenAddress = address });

    private static CheckedRule Ports(string name, string ports) =>
        RuleCheckTests.Sound(ProblemCases.Sound with { Name = name, ListenPort = null, ListenPorts = ports, Target = "10.0.0.1:" + ports });

    /// <summary>By pattern; empty is the fallback, null takes everything.</summary>
    private static CheckedRule Named(string name, string? pattern, string? address = null) => RuleCheckTests.Sound(ProblemCases.Sound with
    {
        Name = name, ListenPort = 443, ListenAddress = address, Sni = pattern is { Length: > 0 } ? [pattern] : null, SniFallback = pattern is "",
    });
}

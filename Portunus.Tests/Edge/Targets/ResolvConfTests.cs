using System.Net;
using System.Net.NetworkInformation;
using Portunus.Edge.Targets;

namespace Portunus.Tests.Edge.Targets;

public sealed class ResolvConfTests
{
    [Fact]
    public void Read_EveryKeyword_IsTaken()
    {
        var conf = ResolvConf.Read("""
            # written by hand
            ; and so on
            nameserver 192.0.2.53   # the near one
            nameserver	2001:db8::53
            search Corp.example.  lab.example ; not.this
            options ndots:3 timeout:2 attempts:4 rotate edns0
            """);
        Assert.Equal([new IPEndPoint(IPAddress.Parse("192.0.2.53"), 53), new IPEndPoint(IPAddress.Parse("2001:db8::53"), 53)], conf.NameServers);
        Assert.Equal(["corp.example", "lab.example"], conf.Search);
        Assert.Equal(3, conf.Ndots);
        Assert.Equal(TimeSpan.FromSeconds(2), conf.Timeout);
        Assert.Equal(4, conf.Attempts);
        Assert.True(conf.Rotate);
    }

    [Fact]
    public void Read_Nothing_HasTheDefaultsOfTheManPage()
    {
        var conf = ResolvConf.Read("");
        Assert.Equal([new IPEndPoint(IPAddress.Loopback, 53)], conf.NameServers);
        Assert.Empty(conf.Search);
        Assert.Equal(1, conf.Ndots);
        Assert.Equal(TimeSpan.FromSeconds(5), conf.Timeout);
        Assert.Equal(2, conf.Attempts);
        Assert.False(conf.Rotate);
    }

    [Fact]
    public void Read_DomainAndSearch_TheLastWins()
    {
        Assert.Equal(["b.example"], ResolvConf.Read("search a.example\ndomain b.example c.example\n").Search);
        Assert.Equal(["a.example"], ResolvConf.Read("domain b.example\r\nsearch a.example\r\n").Search);
    }

    [Fact]
    public void Read_ValuesOutOfBounds_AreBroughtInside()
    {
        var conf = ResolvConf.Read("options ndots:99 timeout:0 attempts:77\noptions timeout:x ndots: ndots:-1\n");
        Assert.Equal(15, conf.Ndots);
        Assert.Equal(TimeSpan.FromSeconds(1), conf.Timeout);
        Assert.Equal(5, conf.Attempts);
        Assert.Equal(TimeSpan.FromSeconds(30), ResolvConf.Read("options timeout:31").Timeout);
    }

    [Fact]
    public void Read_ServerWithAZone_KeepsItWhereTheInterfaceIsThere()
    {
        var loopback = NetworkInterface.GetAllNetworkInterfaces().First(one => one.NetworkInterfaceType == NetworkInterfaceType.Loopback);
        var conf = ResolvConf.Read($"nameserver fe80::1%{loopback.Name}\nnameserver fe80::2%nosuch0\n");
        Assert.Equal(1, Assert.Single(conf.NameServers).Address.ScopeId);
    }

    [Fact]
    public void Read_MoreServersThanTheSystemTakes_TheFirstThree()
    {
        var conf = ResolvConf.Read("nameserver 192.0.2.1\nnameserver nonsense\nnameserver 192.0.2.2\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n");
        Assert.Equal(["192.0.2.1", "192.0.2.2", "192.0.2.3"], conf.NameServers.Select(server => server.Address.ToString()));
    }

    [Fact]
    public void Read_RandomText_NeverThrowsAndStaysInBounds()
    {
        string[] words = ["nameserver", "search", "domain", "options", "ndots:", "timeout:", "attempts:", "rotate", "1", "99999999999", "fe80::1%lo", "%", "::", "a.b", ".", "#", ";", "\n", "\r", "\t", " ", "\0", "é"];
        var random = new Random(20_272);
        for (var turn = 0; turn < 5000; turn++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(30)).Select(_ => random.Next(4) == 0 ? $"{(char)random.Next(1, 400)}" : words[random.Next(words.Length)] + (random.Next(2) == 0 ? " " : "")));
            var conf = ResolvConf.Read(text);
            Assert.InRange(conf.NameServers.Count, 1, ResolvConf.MostServers);
            Assert.InRange(conf.Ndots, 0, 15);
            Assert.InRange(conf.Attempts, 1, 5);
            Assert.InRange(conf.Timeout.TotalSeconds, 1, 30);
            HostsTable.Read(text);
        }
    }
}

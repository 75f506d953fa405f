using System.Text;
using Portunus.Load;
using Portunus.Load.Peers;
using Portunus.Shared.RuleFiles;

namespace Portunus.Tests.Tools.Load;

public sealed class PeerConfigTests
{
    private static readonly Dictionary<string, string> s_values = new()
    {
        ["name"] = "x", ["folder"] = "/run/x", ["threads"] = "2", ["bulk_port"] = "7021", ["http_port"] = "7022", ["idle_port"] = "7023",
        ["capped_port"] = "7024", ["bulk_target"] = "7001", ["http_target"] = "7002", ["idle_target"] = "7003",
        ["echo_port"] = "7025", ["sink_target"] = "7101", ["echo_target"] = "7102",
    };

    public static TheoryData<string> Files() => new(PeerList.All.Concat(PeerList.Udp).Select(peer => peer.Config).OfType<string>().Concat(["haproxy-idle.cfg", "nginx-backend.conf"]).Distinct());

    [Theory]
    [MemberData(nameof(Files))]
    public void Render_CommittedFile_HasNoPlaceLeft(string file)
    {
        var text = PeerConfig.Render(PeerConfig.Template(file), s_values);

        Assert.DoesNotContain('@', text);
        Assert.NotEmpty(text);
    }

    [Fact]
    public void Render_PlaceWithoutValue_IsRefused() =>
        Assert.Throws<InvalidOperationException>(() => PeerConfig.Render("listen @strange@", s_values));

    [Fact]
    public void EdgeRules_Rendered_PassTheCheck()
    {
        var read = RuleFileReader.Read(Encoding.UTF8.GetBytes(PeerConfig.Render(PeerConfig.Template("edge.toml"), s_values)));

        Assert.Empty(read.Problems);
        Assert.Equal(["bulk", "http", "capped", "idle"], read.File!.Rules.Select(rule => rule.Rule.Name));
        Assert.Equal(100_000_000, read.File.Rules[2].Rule.Limits.BytesPerSecondIn);
    }

    [Fact]
    public void EdgeUdpRules_Rendered_PassTheCheck()
    {
        var read = RuleFileReader.Read(Encoding.UTF8.GetBytes(PeerConfig.Render(PeerConfig.Template("edge-udp.toml"), s_values)));

        Assert.Empty(read.Problems);
        Assert.Equal(["sink", "echo"], read.File!.Rules.Select(rule => rule.Rule.Name));
        Assert.All(read.File.Rules, rule => Assert.Equal(65535, rule.Rule.UdpMaxFlows));
    }

    [Fact]
    public void ManyRules_OfAHundred_PassTheCheck()
    {
        var read = RuleFileReader.Read(Encoding.UTF8.GetBytes(PeerConfig.ManyRules(100, PeerList.ManyRulesPort, PeerList.BulkTarget)));

        Assert.Empty(read.Problems);
        Assert.Equal(100, read.File!.Rules.Count);
    }

    [Fact]
    public void PeerPorts_OfAll_AreDistinctAndBelowTheEphemeralOnes()
    {
        var ports = PeerList.All.Concat(PeerList.Udp).Where(peer => peer.Name != PeerList.Direct)
            .SelectMany(peer => new[] { peer.BulkPort, peer.HttpPort, peer.IdlePort, peer.CappedPort })
            .Concat([PeerList.BulkTarget, PeerList.HttpTarget, PeerList.IdleTarget, PeerList.SinkTarget, PeerList.EchoTarget])
            .Concat([Portunus.Load.Datagrams.SourceList.Port, Portunus.Load.Datagrams.SourceList.Port + 1])
            .Concat(Enumerable.Range(PeerList.ManyRulesPort, 100)).ToArray();

        Assert.Equal(ports.Length, ports.Distinct().Count());
        Assert.All(ports, port => Assert.True(port < PeerList.FirstEphemeralPort));
    }

    [Fact]
    public void Rotated_EachRound_BeginsWithTheNext()
    {
        Assert.Equal([1, 2, 3], PeerList.Rotated([1, 2, 3], 0));
        Assert.Equal([2, 3, 1], PeerList.Rotated([1, 2, 3], 1));
        Assert.Equal([1, 2, 3], PeerList.Rotated([1, 2, 3], 3));
    }

    [Fact]
    public void Options_CommandLine_IsRead()
    {
        var options = LoadOptions.Read(["--only", "bulk1,conn", "--quick", "--peers", "edge,haproxy-1m", "--rounds", "7", "--json", "f"], out _)!;

        Assert.True(options.Quick);
        Assert.Equal(7, options.Rounds);
        Assert.Equal(1, options.Seconds);
        Assert.Equal(["edge", "haproxy-1m"], options.Peers);
        Assert.True(options.Measures("conn"));
        Assert.False(options.Measures("req"));
        Assert.Equal(5, LoadOptions.Read([], out _)!.Rounds);
        Assert.Equal(LoadOptions.UdpNames, LoadOptions.Read(["--only", "udp,udp1"], out _)!.Only);
    }

    [Theory]
    [InlineData("--only", "bulk2")]
    [InlineData("--rounds", "0")]
    [InlineData("--strange", "1")]
    [InlineData("--json")]
    public void Options_WrongCommandLine_IsRefusedWithASentence(params string[] arguments)
    {
        Assert.Null(LoadOptions.Read(arguments, out var problem));
        Assert.NotEmpty(problem);
    }
}

using System.Net;
using Portunus.Edge.Targets;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Targets;

public sealed class NameQueryTests
{
    private const string Name = "db.example";
    private static readonly TimeSpan s_patient = TimeSpan.FromSeconds(30);

    private static readonly IPAddress s_true = IPAddress.Parse("192.0.2.1");

    [Fact]
    public async Task Ask_ManyAddresses_AllKept()
    {
        await using var server = new DnsServer { Ttl = 42 };
        var addresses = Enumerable.Range(1, 25).Select(last => $"192.0.2.{last}").ToArray();
        server.Put(Name, addresses);
        var reply = await AskAsync(server);
        Assert.Equal(NameVerdict.Found, reply.Verdict);
        Assert.Equal(addresses, reply.Addresses.Select(one => one.ToString()));
        Assert.Equal(TimeSpan.FromSeconds(42), reply.Ttl);
    }

    [Fact]
    public async Task Ask_NameGoneAndNameWithoutAddress_AreToldApart()
    {
        await using var server = new DnsServer();
        Assert.Equal(NameVerdict.NoSuchName, (await AskAsync(server)).Verdict);
        server.Put(Name, "2001:db8::1");
        Assert.Equal(NameVerdict.NoAddress, (await AskAsync(server)).Verdict);
        Assert.Equal(NameVerdict.Found, (await AskAsync(server, DnsRecordType.Aaaa)).Verdict);
    }

    [Fact]
    public async Task Ask_AliasChain_Followed()
    {
        await using var server = new DnsServer();
        server.Play(ask =>
        [
            DnsBytes.Message(
                ask.Id, DnsServer.Answer, ask.Name, ask.Type, DnsBytes.Alias(Name, "a.example", 9), DnsBytes.Alias("a.example", "b.example", 8), DnsBytes.Address("b.example", "192.0.2.1", 30)),
        ]);
        var reply = await AskAsync(server);
        Assert.Equal([s_true], reply.Addresses);
        Assert.Equal(TimeSpan.FromSeconds(8), reply.Ttl);
    }

    [Fact]
    public async Task Ask_ForgedAnswersFirst_TheTrueOneIsTaken()
    {
        await using var server = new DnsServer();
        server.Put(Name, s_true.ToString());
        server.Script = async ask =>
        {
            byte[] Forged(ushort id, string name, ushort type, ushort flags) =>
                DnsBytes.Message(id, flags, name, type, DnsBytes.Address(name, type == DnsBytes.TypeA ? "203.0.113.66" : "2001:db8::66", 300));

            await DnsServer.SendFromElsewhereAsync(ask, Forged(ask.Id, ask.Name, ask.Type, DnsServer.Answer));
            return
            [
                [],
                [1, 2, 3],
                [.. Enumerable.Repeat((byte)0xC0, 600)],
                Forged((ushort)(ask.Id + 1), ask.Name, ask.Type, DnsServer.Answer),
                Forged(ask.Id, "evil.example", ask.Type, DnsServer.Answer),
                Forged(ask.Id, ask.Name, DnsBytes.TypeAaaa, DnsServer.Answer),
                Forged(ask.Id, ask.Name, ask.Type, DnsBytes.RecursionDesired),
                server.FromZone(ask),
            ];
        };
        Assert.Equal([s_true], (await AskAsync(server)).Addresses);
        Assert.Single(server.Asked);
    }

    [Fact]
    public async Task Ask_OnlyForgedAnswers_WaitsOutItsTime()
    {
        await using var server = new DnsServer();
        server.Play(ask => [DnsBytes.Message((ushort)(ask.Id ^ 1), DnsServer.Answer, ask.Name, ask.Type, DnsBytes.Address(ask.Name, "203.0.113.66", 300))]);
        var clock = new TestClock();
        var asking = AskAsync(server, clock: clock);
        for (var asked = 1; asked <= 2; asked++)
        {
            var count = asked;
            await Eventually.Holds(() => server.Asked.Count == count, "the server was asked");
            Assert.False(asking.IsCompleted);
            await Eventually.Holds(() => clock.NextDue == s_patient, "the wait is limited");
            clock.Advance(s_patient);
        }

        Assert.Equal(NameVerdict.Silent, (await Eventually.Within(asking)).Verdict);
    }

    [Fact]
    public async Task Ask_IdentifiersAndPorts_DifferEachTime()
    {
        await using var server = new DnsServer();
        server.Put(Name, s_true.ToString());
        for (var i = 0; i < 20; i++)
        {
            await AskAsync(server);
        }

        // Twenty draws out of 65,536 and 28,000: two alike may happen, ten may not.
        Assert.InRange(server.Asked.Select(ask => ask.Id).Distinct().Count(), 11, 20);
        Assert.InRange(server.Asked.Select(ask => ask.From.Port).Distinct().Count(), 11, 20);
    }

    [Fact]
    public async Task Ask_Truncated_GoesOverTcp()
    {
        await using var server = new DnsServer();
        var addresses = Enumerable.Range(1, 200).Select(last => $"198.51.100.{last}").ToArray();
        server.Put(Name, addresses);
        server.Play(ask => ask.IsTcp
            ? [DnsBytes.Message((ushort)(ask.Id + 1), DnsServer.Answer, ask.Name, ask.Type, DnsBytes.Address(Name, "203.0.113.66", 9)), server.FromZone(ask)]
            : [DnsBytes.Message(ask.Id, DnsServer.Answer | DnsBytes.Truncated, ask.Name, ask.Type, DnsBytes.Address(Name, "198.51.100.1", 9))[..^2]]);
        var reply = await AskAsync(server);
        Assert.Equal(addresses, reply.Addresses.Select(one => one.ToString()));
        Assert.Equal([false, true], server.Asked.Select(ask => ask.IsTcp));
    }

    [Fact]
    public async Task Ask_TruncatedAndTcpBroken_NextServer()
    {
        await using var broken = new DnsServer();
        broken.Play(ask => ask.IsTcp ? [] : [DnsBytes.Message(ask.Id, DnsServer.Answer | DnsBytes.Truncated, ask.Name, ask.Type)]);
        await using var sound = new DnsServer();
        sound.Put(Name, s_true.ToString());
        Assert.Equal([s_true], (await AskAsync([broken.Address, sound.Address])).Addresses);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Ask_ServerWithAFailure_NextServer(int code)
    {
        await using var failing = new DnsServer();
        failing.Play(ask => [DnsBytes.Message(ask.Id, (ushort)(DnsServer.Answer | code), ask.Name, ask.Type)]);
        Assert.Equal(NameVerdict.Refused, (await AskAsync(failing)).Verdict);
        await using var sound = new DnsServer();
        sound.Put(Name, s_true.ToString());
        Assert.Equal([s_true], (await AskAsync([failing.Address, sound.Address])).Addresses);
    }

    [Fact]
    public async Task Ask_ServerThatOnlyRefers_NextServer()
    {
        await using var lame = new DnsServer();
        lame.Play(ask => [DnsBytes.Message(ask.Id, DnsBytes.Response, ask.Name, ask.Type)]);
        await using var sound = new DnsServer();
        sound.Put(Name, s_true.ToString());
        Assert.Equal([s_true], (await AskAsync([lame.Address, sound.Address])).Addresses);
    }

    [Fact]
    public async Task Ask_NoSuchName_IsFinal()
    {
        await using var first = new DnsServer();
        await using var second = new DnsServer();
        second.Put(Name, s_true.ToString());
        Assert.Equal(NameVerdict.NoSuchName, (await AskAsync([first.Address, second.Address])).Verdict);
        Assert.Empty(second.Asked);
    }

    [Fact]
    public async Task Ask_SilentServer_NextServerAfterTheTimeout()
    {
        await using var silent = new DnsServer();
        silent.Play(_ => []);
        await using var sound = new DnsServer();
        sound.Put(Name, s_true.ToString());
        var clock = new TestClock();
        var asking = AskAsync([silent.Address, sound.Address], clock: clock);
        await Eventually.Holds(() => silent.Asked.Count == 1, "the first server was asked");
        clock.Advance(s_patient - TimeSpan.FromMilliseconds(1));
        Assert.Empty(sound.Asked);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([s_true], (await Eventually.Within(asking)).Addresses);
    }

    [Fact]
    public async Task Ask_NobodyListens_NextServerAtOnce()
    {
        await using var sound = new DnsServer();
        sound.Put(Name, s_true.ToString());
        var nobody = new IPEndPoint(IPAddress.Loopback, FreePorts.Take());
        Assert.Equal([s_true], (await Eventually.Within(AskAsync([nobody, sound.Address]))).Addresses);
        Assert.Equal(NameVerdict.Silent, (await Eventually.Within(AskAsync([nobody]))).Verdict);
    }

    [Fact]
    public async Task Ask_Rotate_BeginsWithAnotherServerEachTime()
    {
        await using var first = new DnsServer();
        await using var second = new DnsServer();
        var query = new NameQuery(TimeProvider.System);
        var conf = new ResolvConf { NameServers = [first.Address, second.Address], Rotate = true };
        for (var i = 0; i < 6; i++)
        {
            await Eventually.Within(query.AskAsync(Name, DnsRecordType.A, conf, CancellationToken.None));
        }

        Assert.Equal(3, first.Asked.Count);
        Assert.Equal(3, second.Asked.Count);
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("255.255.255.255")]
    [InlineData("224.0.0.1")]
    [InlineData("::")]
    [InlineData("ff02::1")]
    [InlineData("::ffff:0.0.0.0")]
    public async Task Ask_AddressNobodyCanConnectTo_IsNone(string address)
    {
        await using var server = new DnsServer();
        server.Play(ask => [DnsBytes.Message(ask.Id, DnsServer.Answer, ask.Name, ask.Type, DnsBytes.Address(Name, address, 9))]);
        var type = address.Contains(':') ? DnsRecordType.Aaaa : DnsRecordType.A;
        Assert.Equal(NameVerdict.NoAddress, (await AskAsync(server, type)).Verdict);
    }

    [Fact]
    public async Task Ask_MappedAddress_IsTheIPv4Address()
    {
        await using var server = new DnsServer();
        server.Play(ask => [DnsBytes.Message(ask.Id, DnsServer.Answer, ask.Name, ask.Type, DnsBytes.Address(Name, "::ffff:192.0.2.1", 9))]);
        Assert.Equal([s_true], (await AskAsync(server, DnsRecordType.Aaaa)).Addresses);
    }

    private static Task<NameReply> AskAsync(DnsServer server, DnsRecordType type = DnsRecordType.A, TimeProvider? clock = null) =>
        AskAsync([server.Address], type, clock);

    private static Task<NameReply> AskAsync(IReadOnlyList<IPEndPoint> servers, DnsRecordType type = DnsRecordType.A, TimeProvider? clock = null) =>
        Eventually.Within(new NameQuery(clock ?? TimeProvider.System).AskAsync(
            Name, type, new ResolvConf { NameServers = servers, Timeout = s_patient, Attempts = 2 }, CancellationToken.None));
}

using System.Net;
using System.Net.NetworkInformation;
using Microsoft.Extensions.Logging.Abstractions;
using Portunus.Edge.Native;
using Portunus.Edge.Targets;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Targets;

public sealed class TargetGuardTests : IDisposable
{
    private readonly TargetGuard _guard = new(NullLogger.Instance);

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.0.1")]
    [InlineData("224.0.0.251")]
    [InlineData("239.255.255.250")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("fe80::1")]
    [InlineData("febf::1")]
    [InlineData("ff02::fb")]
    [InlineData("fd00:ec2::254")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::ffff:0.0.0.0")]
    [InlineData("::127.0.0.1")]
    [InlineData("64:ff9b::127.0.0.1")]
    [InlineData("64:ff9b::169.254.169.254")]
    [InlineData("64:ff9b:1::127.0.0.1")]
    [InlineData("2002:7f00:1::1")]
    [InlineData("2002:a9fe:a9fe::1")]
    public void Refuses_WhatEndsHereOrOnOurLink(string address) => Assert.True(_guard.Refuses(IPAddress.Parse(address)));

    [Theory]
    [InlineData("1.0.0.1")]
    [InlineData("126.255.255.255")]
    [InlineData("128.0.0.1")]
    [InlineData("169.253.255.255")]
    [InlineData("169.255.0.1")]
    [InlineData("198.51.100.7")]
    [InlineData("223.255.255.254")]
    [InlineData("::ffff:198.51.100.7")]
    [InlineData("64:ff9b::198.51.100.7")]
    [InlineData("2002:c633:6407::1")]
    [InlineData("2001:db8::1")]
    [InlineData("fec0::1")]
    [InlineData("fd00:ec2::253")]
    public void Refuses_WhatIsElsewhere_IsFalse(string address) => Assert.False(_guard.Refuses(IPAddress.Parse(address)));

    [Fact]
    public void Refuses_EveryAddressOfThisMachine()
    {
        var own = NetworkInterface.GetAllNetworkInterfaces()
            .Where(one => one.OperationalStatus != OperationalStatus.Down)
            .SelectMany(one => one.GetIPProperties().UnicastAddresses)
            .Select(one => one.Address)
            .ToList();

        Assert.NotEmpty(own);
        Assert.All(own, address => Assert.True(_guard.Refuses(address), address.ToString()));
    }

    [RootFact("ip")]
    public void Refuses_AddressesThatComeAndGo_AsTheKernelHasThem() => LinkedNamespaces.Run(1500, () => new Nothing(), () =>
    {
        using var guard = new TargetGuard(NullLogger.Instance);
        Assert.True(guard.Refuses(LinkedNamespaces.Near));
        Assert.True(guard.Refuses(LinkedNamespaces.Near.MapToIPv6()));
        Assert.True(guard.Refuses(IPAddress.Parse($"64:ff9b::{LinkedNamespaces.Near}")));
        Assert.True(guard.Refuses(IPAddress.Parse("10.77.0.255")), "the broadcast address of the link");
        Assert.False(guard.Refuses(LinkedNamespaces.Far));

        var late = IPAddress.Parse("10.77.0.9");
        Assert.False(guard.Refuses(late));
        LinkedNamespaces.Ip("addr", "add", "10.77.0.9/32", "dev", "near0");
        Assert.True(guard.Refuses(late));
        LinkedNamespaces.Ip("addr", "del", "10.77.0.9/32", "dev", "near0");
        Assert.False(guard.Refuses(late));

        // A whole prefix that this machine answers for, without one address of it on an interface.
        LinkedNamespaces.Ip("route", "add", "local", "198.51.100.0/24", "dev", "lo");
        Assert.True(guard.Refuses(IPAddress.Parse("198.51.100.77")));
        LinkedNamespaces.Ip("-6", "addr", "add", "2001:db8:77::1/64", "dev", "near0", "nodad");
        // Of IPv6 the kernel makes an address its own in work of its own, a moment after the command.
        var v6 = IPAddress.Parse("2001:db8:77::1");
        Eventually.Holds(() => guard.Refuses(v6), "the address is its own").GetAwaiter().GetResult();
        Assert.False(guard.Refuses(IPAddress.Parse("2001:db8:77::2")));
    });

    [Fact]
    public void Refuses_Asked_AllocatesNothing()
    {
        var address = SockAddr.From(IPAddress.Parse("198.51.100.7"), 80);
        _guard.Refuses(address);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            _guard.Refuses(address);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Refuses_AskedByManyThreadsAtOnce_EachGetsItsOwnAnswer() => Parallel.For(0, 20_000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
    {
        var isOwn = i % 2 == 0;
        Assert.Equal(isOwn, _guard.Refuses(IPAddress.Parse(isOwn ? "64:ff9b::7f00:1" : "198.51.100.7")));
    });

    [Fact]
    public void Refuses_AfterItsEnd_Everything()
    {
        _guard.Dispose();

        Assert.True(_guard.Refuses(IPAddress.Parse("198.51.100.7")));
    }

    public void Dispose() => _guard.Dispose();

    private sealed class Nothing : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

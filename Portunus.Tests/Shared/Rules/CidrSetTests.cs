using System.Globalization;
using System.Net;
using Portunus.Shared.Rules;

namespace Portunus.Tests.Shared.Rules;

/// <summary>The set answers as a list of prefixes would, without allocating and without caring how many there are.</summary>
public sealed class CidrSetTests
{
    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData(" 10.0.0.0/8 ", "10.0.0.0/8")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("192.0.2.7", "192.0.2.7/32")]
    [InlineData("192.0.2.7/32", "192.0.2.7/32")]
    [InlineData("2001:DB8::/32", "2001:db8::/32")]
    [InlineData("::/0", "::/0")]
    [InlineData("::1", "::1/128")]
    [InlineData("::ffff:10.0.0.0/104", "10.0.0.0/8")]
    [InlineData("::ffff:0.0.0.0/96", "0.0.0.0/0")]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1/32")]
    public void Prefix_IsReadIntoItsOrdinaryForm(string text, string wanted)
    {
        Assert.True(CidrSet.TryParsePrefix(text, out var network, out var reason));
        Assert.Equal((wanted, ""), (network.ToString(), reason));
    }

    [Theory]
    [InlineData(null, "not an address")]
    [InlineData("", "not an address")]
    [InlineData("/8", "not an address")]
    [InlineData("10/8", "not an address")]
    [InlineData("010.0.0.0/8", "not an address")]
    [InlineData("example.org/8", "not an address")]
    [InlineData("[::1]", "not an address")]
    [InlineData("[::1]/128", "not an address")]
    [InlineData("fe80::1%1", "not an address")]
    [InlineData("fe80::%1/64", "not an address")]
    [InlineData("10.0.0.0/33", "between 0 and 32")]
    [InlineData("10.0.0.0/", "between 0 and 32")]
    [InlineData("10.0.0.0/-1", "between 0 and 32")]
    [InlineData("10.0.0.0/ 8", "between 0 and 32")]
    [InlineData("10.0.0.0/255.0.0.0", "between 0 and 32")]
    [InlineData("10.0.0.0/8/8", "between 0 and 32")]
    [InlineData("10.0.0.0/99999999999", "between 0 and 32")]
    [InlineData("2001:db8::/129", "between 0 and 128")]
    [InlineData("10.1.2.3/8", "the prefix is 10.0.0.0/8")]
    [InlineData("10.0.0.1/0", "the prefix is 0.0.0.0/0")]
    [InlineData("2001:db8::1/64", "the prefix is 2001:db8::/64")]
    [InlineData("::ffff:10.0.0.1/104", "the prefix is 10.0.0.0/8")]
    [InlineData("::ffff:0.0.0.0/80", "the prefix is ::/80")]
    public void MalformedPrefix_IsRefusedWithItsReason(string? text, string reasonPart)
    {
        Assert.False(CidrSet.TryParsePrefix(text, out _, out var reason));
        Assert.Contains(reasonPart, reason, StringComparison.Ordinal);
    }

    [Fact]
    public void EmptySet_HoldsNothing()
    {
        var set = new CidrSet([]);
        Assert.Equal(0, set.Count);
        Assert.False(Holds(set, "0.0.0.0"));
        Assert.False(Holds(set, "::"));
    }

    [Fact]
    public void LengthZero_HoldsItsFamilyAndNoOther()
    {
        Assert.True(Holds(Set("0.0.0.0/0"), "255.255.255.255"));
        Assert.False(Holds(Set("0.0.0.0/0"), "::1"));
        Assert.True(Holds(Set("::/0"), "ffff::"));
        Assert.False(Holds(Set("::/0"), "1.2.3.4"));
    }

    [Fact]
    public void Ends_BelongToThePrefix()
    {
        var set = Set("10.4.0.0/14", "2001:db8:4000::/34", "192.0.2.255");
        Assert.All(["10.4.0.0", "10.7.255.255", "2001:db8:4000::", "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff", "192.0.2.255"], one => Assert.True(Holds(set, one)));
        Assert.All(["10.3.255.255", "10.8.0.0", "2001:db8:3fff:ffff::", "2001:db8:8000::", "192.0.2.254", "192.0.3.0"], one => Assert.False(Holds(set, one)));
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32")]
    [InlineData("10.1.2.3/32", "10.1.0.0/16", "10.0.0.0/8")]
    [InlineData("10.1.0.0/16", "10.1.2.3/32", "10.0.0.0/8")]
    public void NestedPrefixes_AreTheWidest_InAnyOrder(params string[] prefixes)
    {
        var set = Set(prefixes);
        Assert.Equal(3, set.Count);
        Assert.True(Holds(set, "10.255.0.1"));
        Assert.True(Holds(set, "10.1.2.3"));
        Assert.False(Holds(set, "11.0.0.0"));
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 40)]
    [InlineData(3, 300)]
    [InlineData(4, 6000)]
    public void RandomPrefixes_AnswerAsAListDoes(int seed, int count)
    {
        var random = new Random(seed);
        var texts = Enumerable.Range(0, count).Select(_ => RandomPrefix(random)).ToArray();
        var networks = texts.Select(Parse).ToArray();
        var set = new CidrSet(networks);
        Assert.Equal(count, set.Count);
        var inside = 0;
        for (var turn = 0; turn < 3000; turn++)
        {
            var address = turn % 2 == 0 ? RandomAddress(random) : Near(networks[random.Next(count)], random);
            var wanted = networks.Any(network => Lies(network, address));
            Assert.True(wanted == set.Contains(address), $"{new IPAddress(address)} should be {(wanted ? "in" : "out")}, seed {seed}");
            inside += wanted ? 1 : 0;
        }

        Assert.InRange(inside, 100, 2900);
    }

    [Fact]
    public void Lookup_AllocatesNothing()
    {
        var random = new Random(5);
        var set = new CidrSet(Enumerable.Range(0, 5000).Select(_ => Parse(RandomPrefix(random))));
        var addresses = Enumerable.Range(0, 1000).Select(_ => RandomAddress(random)).ToArray();
        var hits = Ask(set, addresses);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var again = Ask(set, addresses);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(hits, again);
    }

    private static int Ask(CidrSet set, byte[][] addresses)
    {
        var hits = 0;
        foreach (var address in addresses)
        {
            hits += set.Contains(address) ? 1 : 0;
        }

        return hits;
    }

    /// <summary>Plain, IPv6 and IPv4-mapped, of lengths that make neighbours and nesting likely.</summary>
    private static string RandomPrefix(Random random)
    {
        var kind = random.Next(3);
        var bytes = new byte[kind == 1 ? 16 : 4];
        random.NextBytes(bytes);
        if (kind == 1)
        {
            // Half of them within one /32, so that tries share their stems.
            bytes[0] = 0x20;
            bytes[1] = (byte)(random.Next(2) * 7);
            bytes.AsSpan(2, 5).Clear();
        }

        var length = random.Next(kind == 1 ? 40 : 6, (bytes.Length * 8) + 1);
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] &= (byte)(0xFF << (8 - Math.Clamp(length - (i * 8), 0, 8)));
        }

        var address = new IPAddress(bytes);
        return kind == 2
            ? string.Create(CultureInfo.InvariantCulture, $"{address.MapToIPv6()}/{length + 96}")
            : string.Create(CultureInfo.InvariantCulture, $"{address}/{length}");
    }

    private static byte[] RandomAddress(Random random)
    {
        var bytes = new byte[random.Next(2) == 0 ? 4 : 16];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>An address that shares most of a prefix, on either side of its edge.</summary>
    private static byte[] Near(IPNetwork network, Random random)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        for (var bit = network.PrefixLength; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] |= (byte)(random.Next(2) << (7 - (bit % 8)));
        }

        if (random.Next(2) == 0)
        {
            var flipped = random.Next(Math.Max(1, network.PrefixLength - 3), network.PrefixLength + 1) - 1;
            bytes[flipped / 8] ^= (byte)(1 << (7 - (flipped % 8)));
        }

        return bytes;
    }

    private static bool Lies(IPNetwork network, byte[] address)
    {
        var own = network.BaseAddress.GetAddressBytes();
        return own.Length == address.Length
            && Enumerable.Range(0, network.PrefixLength).All(bit => ((own[bit / 8] ^ address[bit / 8]) & (0x80 >> (bit % 8))) == 0);
    }

    private static CidrSet Set(params string[] prefixes) => new(prefixes.Select(Parse));

    private static IPNetwork Parse(string text)
    {
        Assert.True(CidrSet.TryParsePrefix(text, out var network, out var reason), reason);
        return network;
    }

    private static bool Holds(CidrSet set, string address) => set.Contains(IPAddress.Parse(address).GetAddressBytes());
}

using Portunus.Load.Datagrams;

namespace Portunus.Tests.Tools.Load;

/// <summary>What the sink of the datagram loads finds wrong, and what it does not.</summary>
public sealed class SinkCountTests
{
    private const uint Run = 7;
    private const int Size = 40;
    private const int Flows = 3;
    private static readonly uint s_home = BitConverter.ToUInt32([127, 0, 0, 1]);
    private readonly SinkCount _count = new(Run, Flows, Size, most: 100);

    [Fact]
    public void Take_EachNumberOnceByItsOwnLeg_IsReceived()
    {
        foreach (var number in Enumerable.Range(0, 100))
        {
            Take(number, port: (ushort)(40_000 + (number % Flows)));
        }

        Assert.Equal((100, 0, 0, 0, 0, 0), Sums());
    }

    [Fact]
    public void Take_NumberTwice_IsDoubled()
    {
        Take(5);
        Take(5);

        Assert.Equal((1, 1, 0, 0, 0, 0), Sums());
    }

    [Fact]
    public void Take_OlderNumberOfTheFlow_IsReorderedButReceived()
    {
        Take(6);
        Take(3);
        Take(4, port: 40_001);

        Assert.Equal((3, 0, 1, 0, 0, 0), Sums());
    }

    [Fact]
    public void Take_TwoFlowsByOneLeg_IsMisrouted()
    {
        Take(0);
        Take(1);

        Assert.Equal((2, 0, 0, 1, 0, 0), Sums());
    }

    [Fact]
    public void Take_WithoutAForwarder_TheSourceIsTheFlowsOwn()
    {
        var port = SourceList.PortBytes(SourceList.Port);
        _count.Take(Datagram(1), SourceList.Bytes(1), port);
        _count.Take(Datagram(2), SourceList.Bytes(1), port);

        Assert.Equal((2, 0, 0, 1, 0, 0), Sums());
    }

    [Fact]
    public void Take_EarlierRun_IsLateAndNotReceived()
    {
        var datagram = new byte[Size];
        new Stamp(Run - 1, 0).Write(datagram);
        _count.Take(datagram, s_home, 40_000);

        Assert.Equal((0, 0, 0, 0, 0, 1), Sums());
    }

    [Fact]
    public void Take_CutGluedOrDamaged_IsForeign()
    {
        var twice = new byte[2 * Size];
        Datagram(0).CopyTo(twice, 0);
        new Stamp(Run, 0).Write(twice);
        var damaged = Datagram(1);
        damaged[^1] ^= 1;
        foreach (var datagram in new[] { Datagram(0)[..(Size - 1)], twice, damaged, [], Datagram(100) })
        {
            _count.Take(datagram, s_home, 40_000);
        }

        Assert.Equal((0, 0, 0, 0, 5, 0), Sums());
    }

    [Fact]
    public void Sources_OfManyFlows_AreDistinct() =>
        Assert.Equal(SourceList.Most, Enumerable.Range(0, SourceList.Most).Select(SourceList.Address).Distinct().Count());

    private void Take(int number, ushort port = 40_000) => _count.Take(Datagram(number), s_home, port);

    private static byte[] Datagram(int number)
    {
        var datagram = new byte[Size];
        new Stamp(Run, (ulong)number).Write(datagram);
        return datagram;
    }

    private (long Received, long Doubled, long Reordered, long Misrouted, long Foreign, long Late) Sums() =>
        (_count.Received, _count.Doubled, _count.Reordered, _count.Misrouted, _count.Foreign, _count.Late);
}

using System.Net;
using System.Net.Sockets;
using Portunus.Edge.Memory;
using Portunus.Edge.Native;

namespace Portunus.Tests.Edge.Native;

public sealed unsafe class DatagramCallsTests
{
    private const int AnyPort = 0;

    [Fact]
    public void Receive_ZeroLengthAndLargestDatagrams_ComeWholeWithTheirSource()
    {
        using var slab = new DatagramSlab();
        var (fd, port) = Bound(IPAddress.Loopback);
        using var peer = Sender(AddressFamily.InterNetwork);
        var largest = RandomBytes(DatagramCalls.MaxPayload);
        peer.SendTo([], new IPEndPoint(IPAddress.Loopback, port));
        peer.SendTo(largest, new IPEndPoint(IPAddress.Loopback, port));

        var received = slab.Receive(fd, 3, 8, withNames: true, controlLength: 0);

        Assert.Equal(2, received.Value);
        Assert.Equal(0, slab.LengthAt(3));
        Assert.Equal(largest, new ReadOnlySpan<byte>(slab.PayloadAt(4), slab.LengthAt(4)).ToArray());
        Assert.False(slab.IsTruncatedAt(3) || slab.IsTruncatedAt(4));
        Assert.Equal((peer.LocalEndPoint as IPEndPoint)?.Port, slab.NameAt(4).Port);
        Assert.True(slab.Receive(fd, 0, 8, withNames: true, controlLength: 0).IsAgain);
        PipeCalls.Close(fd);
    }

    [Theory]
    [InlineData("0.0.0.0", "127.0.0.7")]
    [InlineData("::", "127.0.0.7")]
    [InlineData("::", "::1")]
    public void PacketInfo_WildcardSocket_TellsWhereItCameToAndAnswersFromThere(string bound, string calledAt)
    {
        using var slab = new DatagramSlab();
        var (fd, port) = Bound(IPAddress.Parse(bound));
        var family = SockAddr.From(IPAddress.Parse(bound), 0).Family;
        Assert.True(DatagramCalls.SetPacketInfo(fd, family).IsOk);
        var called = new IPEndPoint(IPAddress.Parse(calledAt), port);
        using var peer = Sender(called.AddressFamily);
        peer.SendTo([1, 2, 3], called);
        Assert.Equal(1, slab.Receive(fd, 0, 1, withNames: true, ControlMessages.MaxLength).Value);
        slab.ReadControlAt(0, out var told);

        var control = stackalloc byte[ControlMessages.MaxLength];
        var part = new IoVec { Start = slab.PayloadAt(0), Length = 3 };
        var name = slab.NameAt(0);
        var message = new MsgHdr { Name = &name, NameLength = (uint)name.Length, Parts = &part, PartCount = 1, Control = control };
        message.ControlLength = (nuint)ControlMessages.WriteLocal(control, family, told.LocalHigh, told.LocalLow);
        Assert.Equal(3, DatagramCalls.SendOne(fd, &message).Value);

        EndPoint from = new IPEndPoint(called.Address, 0);
        Assert.Equal(3, peer.ReceiveFrom(new byte[16], ref from));
        Assert.Equal(called, from);
        PipeCalls.Close(fd);
    }

    [Fact]
    public void Segments_SentAsOneMessage_AreJoinedForWhoTakesThemSoAndSingleForOthers()
    {
        using var slab = new DatagramSlab();
        var (joined, joinedPort) = Bound(IPAddress.Loopback);
        var (plain, plainPort) = Bound(IPAddress.Loopback);
        Assert.True(DatagramCalls.SetJoined(joined).IsOk);
        var payload = RandomBytes(2500);

        SendSegmented(joinedPort, payload, 1000);
        SendSegmented(plainPort, payload, 1000);

        Assert.Equal(1, slab.Receive(joined, 0, 8, withNames: true, ControlMessages.MaxLength).Value);
        slab.ReadControlAt(0, out var told);
        Assert.Equal((2500, 1000), (slab.LengthAt(0), told.SegmentSize));
        Assert.Equal(3, slab.Receive(plain, 0, 8, withNames: true, 0).Value);
        Assert.Equal((1000, 1000, 500), (slab.LengthAt(0), slab.LengthAt(1), slab.LengthAt(2)));
        PipeCalls.Close(joined);
        PipeCalls.Close(plain);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void QueuedError_PortNobodyListensOn_IsRefusedOnce(string text)
    {
        var address = IPAddress.Parse(text);
        var (closed, port) = Bound(address);
        PipeCalls.Close(closed);
        var target = SockAddr.From(address, port);
        var fd = DatagramCalls.Open(target.Family).Value;
        Assert.True(DatagramCalls.SetReceiveErrors(fd, target.Family).IsOk);
        Assert.True(SocketCalls.Connect(fd, target).IsOk);
        var one = (byte)1;
        Assert.Equal(1, SocketCalls.Send(fd, &one, 1).Value);

        Assert.Equal(Errno.ECONNREFUSED, DatagramCalls.TakeQueuedError(fd));
        Assert.Equal(Errno.None, DatagramCalls.TakeQueuedError(fd));
        PipeCalls.Close(fd);
    }

    [Fact]
    public void ReusePort_SetAfterTheBind_AdmitsSiblingsAndNobodyElse()
    {
        var (first, port) = Bound(IPAddress.Loopback);
        var address = SockAddr.From(IPAddress.Loopback, port);
        var sibling = DatagramCalls.Open(SockAddr.FamilyInet).Value;
        Assert.True(DatagramCalls.SetReusePort(sibling).IsOk);
        Assert.Equal(Errno.EADDRINUSE, SocketCalls.Bind(sibling, address).Error);

        Assert.True(DatagramCalls.SetReusePort(first).IsOk);

        Assert.True(SocketCalls.Bind(sibling, address).IsOk);
        var stranger = DatagramCalls.Open(SockAddr.FamilyInet).Value;
        Assert.Equal(Errno.EADDRINUSE, SocketCalls.Bind(stranger, address).Error);
        PipeCalls.Close(first);
        PipeCalls.Close(sibling);
        PipeCalls.Close(stranger);
    }

    [Fact]
    public void ReceiveDrops_FullBuffer_AreCounted()
    {
        var (fd, port) = Bound(IPAddress.Loopback);
        Assert.True(DatagramCalls.SetReceiveBuffer(fd, 4096).IsOk);
        Assert.Equal(0u, DatagramCalls.ReceiveDrops(fd));
        using var peer = Sender(AddressFamily.InterNetwork);
        for (var i = 0; i < 100; i++)
        {
            peer.SendTo(new byte[1000], new IPEndPoint(IPAddress.Loopback, port));
        }

        using var slab = new DatagramSlab();
        var received = 0;
        while (slab.Receive(fd, 0, DatagramSlab.Slots, withNames: false, 0) is { IsOk: true } some)
        {
            received += some.Value;
        }

        Assert.InRange(received, 1, 99);
        Assert.Equal(100, received + (int)DatagramCalls.ReceiveDrops(fd));
        PipeCalls.Close(fd);
    }

    [Fact]
    public void Truncation_BufferTooSmall_IsTold()
    {
        var (fd, port) = Bound(IPAddress.Loopback);
        using var peer = Sender(AddressFamily.InterNetwork);
        peer.SendTo(new byte[100], new IPEndPoint(IPAddress.Loopback, port));
        var buffer = stackalloc byte[64];
        var part = new IoVec { Start = buffer, Length = 64 };
        var message = new MMsgHdr { Message = new MsgHdr { Parts = &part, PartCount = 1 } };

        Assert.Equal(1, DatagramCalls.ReceiveMany(fd, &message, 1).Value);

        Assert.Equal(DatagramCalls.Truncated, message.Message.Flags & DatagramCalls.Truncated);
        PipeCalls.Close(fd);
    }

    private static (int Fd, int Port) Bound(IPAddress address)
    {
        var family = SockAddr.From(address, 0).Family;
        var fd = DatagramCalls.Open(family).Value;
        if (family == SockAddr.FamilyInet6)
        {
            Assert.True(SocketCalls.SetIpv6Only(fd, false).IsOk);
        }

        Assert.True(SocketCalls.Bind(fd, SockAddr.From(address, AnyPort)).IsOk);
        Assert.True(SocketCalls.LocalAddress(fd, out var local).IsOk);
        return (fd, local.Port);
    }

    private static Socket Sender(AddressFamily family)
    {
        var socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 10_000 };
        socket.Bind(new IPEndPoint(family == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback, AnyPort));
        return socket;
    }

    private static void SendSegmented(int port, byte[] payload, int size)
    {
        var target = SockAddr.From(IPAddress.Loopback, port);
        var fd = DatagramCalls.Open(SockAddr.FamilyInet).Value;
        var control = stackalloc byte[ControlMessages.MaxLength];
        fixed (byte* pointer = payload)
        {
            var part = new IoVec { Start = pointer, Length = (nuint)payload.Length };
            var message = new MsgHdr { Name = &target, NameLength = (uint)target.Length, Parts = &part, PartCount = 1, Control = control };
            message.ControlLength = (nuint)ControlMessages.WriteSegment(control, size);
            Assert.Equal(payload.Length, DatagramCalls.SendOne(fd, &message).Value);
        }

        PipeCalls.Close(fd);
    }

    private static byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }
}

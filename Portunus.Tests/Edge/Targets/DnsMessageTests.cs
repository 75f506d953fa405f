using System.Net;
using Portunus.Edge.Targets;
using static Portunus.Tests.Kit.DnsBytes;

namespace Portunus.Tests.Edge.Targets;

public sealed class DnsMessageTests
{
    private const ushort Answer = Response | RecursionDesired | RecursionAvailable;

    [Fact]
    public void Query_PlainName_IsTheBytesOfTheRfc()
    {
        var into = new byte[DnsMessage.MaxQueryLength];
        Assert.True(DnsMessage.TryWriteQuery(0xBEEF, "db.example", DnsRecordType.Aaaa, into, out var length));
        byte[] expected =
        [
            0xBE, 0xEF, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0,
            2, (byte)'d', (byte)'b', 7, (byte)'e', (byte)'x', (byte)'a', (byte)'m', (byte)'p', (byte)'l', (byte)'e', 0,
            0, 28, 0, 1,
        ];
        Assert.Equal(expected, into[..length]);
    }

    [Fact]
    public void Query_LongestName_Fits()
    {
        var longest = string.Join('.', new string('a', 63), new string('b', 63), new string('c', 63), new string('d', 61));
        var into = new byte[DnsMessage.MaxQueryLength];
        Assert.True(DnsMessage.TryWriteQuery(1, longest, DnsRecordType.A, into, out var length));
        Assert.Equal(into.Length, length);
        Assert.True(DnsMessage.TryRead(Message(1, Answer, longest, TypeA), out var message));
        Assert.Equal(longest, message.QuestionName);
        Assert.False(DnsMessage.TryWriteQuery(1, longest + "d", DnsRecordType.A, new byte[600], out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData("a.")]
    [InlineData("bücher.example")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example")]
    public void Query_NameThatCannotBeWritten_IsRefused(string name) =>
        Assert.False(DnsMessage.TryWriteQuery(1, name, DnsRecordType.A, new byte[DnsMessage.MaxQueryLength], out _));

    [Fact]
    public void Query_TooLittleRoom_IsRefused()
    {
        for (var room = 0; room < 28; room++)
        {
            Assert.False(DnsMessage.TryWriteQuery(1, "db.example", DnsRecordType.A, new byte[room], out _));
        }
    }

    [Fact]
    public void Read_ManyAddresses_AllInOrderAndLeastTtl()
    {
        var message = Read(Message(
            7, Answer, "db.example", TypeA, Address("db.example", "192.0.2.9", 300), Address("db.example", "192.0.2.1", 60), Address("db.example", "192.0.2.5", 90)));
        Assert.Equal(["192.0.2.9", "192.0.2.1", "192.0.2.5"], message.Addresses.Select(one => one.ToString()));
        Assert.Equal(60u, message.TtlSeconds);
        Assert.True(message.Answers(7, "DB.example", DnsRecordType.A));
    }

    [Fact]
    public void Read_AliasChain_FollowedWhateverTheOrder()
    {
        var message = Read(Message(
            7,
            Answer,
            "www.example",
            TypeAaaa,
            Address("end.example", "2001:db8::2", 500),
            Alias("mid.example", "END.example", 20),
            Alias("www.example", "mid.example", 400),
            Address("stranger.example", "2001:db8::bad", 1)));
        Assert.Equal([IPAddress.Parse("2001:db8::2")], message.Addresses);
        Assert.Equal(20u, message.TtlSeconds);
    }

    [Fact]
    public void Read_AliasLoop_HasNoAddresses()
    {
        var message = Read(Message(7, Answer, "a.example", TypeA, Alias("a.example", "b.example", 9), Alias("b.example", "a.example", 9)));
        Assert.Empty(message.Addresses);
        Assert.Equal(0u, message.TtlSeconds);
    }

    [Fact]
    public void Read_CompressedOwner_PointsBackToTheQuestion()
    {
        var bytes = Message(7, Answer, "db.example", TypeA).ToList();
        bytes[7] = 1;
        bytes.AddRange([0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 192, 0, 2, 1]);
        Assert.Equal([IPAddress.Parse("192.0.2.1")], Read([.. bytes]).Addresses);
    }

    [Theory]
    [InlineData(0xC0, 28)] // at itself
    [InlineData(0xC0, 30)] // forward
    [InlineData(0xFF, 0xFF)] // beyond the end
    [InlineData(0x40, 12)] // a mark of no meaning
    public void Read_WrongPointer_IsNoMessage(byte first, byte second)
    {
        var bytes = Message(7, Answer, "db.example", TypeA).ToList();
        Assert.Equal(28, bytes.Count);
        bytes[7] = 1;
        bytes.AddRange([first, second, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 192, 0, 2, 1]);
        Assert.False(DnsMessage.TryRead([.. bytes], out _));
    }

    [Fact]
    public void Read_PointersThatGrowAName_StopAtItsLimit()
    {
        // Each name is a label of 63 octets and a pointer to the one before: five of them are more than 255.
        var bytes = Message(7, Answer, "x", TypeA).ToList();
        var before = 12;
        for (var i = 0; i < 5; i++)
        {
            var here = bytes.Count;
            bytes.Add(63);
            bytes.AddRange(Enumerable.Repeat((byte)'a', 63));
            bytes.AddRange([(byte)(0xC0 | (before >> 8)), (byte)before, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 192, 0, 2, 1]);
            before = here;
            bytes[7] = (byte)(i + 1);
            Assert.Equal(i < 3, DnsMessage.TryRead([.. bytes], out _));
        }
    }

    [Fact]
    public void Read_LabelWithADot_IsNotTwoLabels()
    {
        var bytes = Message(7, Answer, "dbxexample", TypeA);
        bytes[15] = (byte)'.';
        Assert.Equal(@"db\046example", Read(bytes).QuestionName);
    }

    [Theory]
    [InlineData(8, "db.example", TypeA)]
    [InlineData(7, "db2.example", TypeA)]
    [InlineData(7, "db.example", TypeAaaa)]
    public void Answers_AnotherQuestion_IsNotOurs(ushort id, string name, ushort type) =>
        Assert.False(Read(Message(id, Answer, name, type)).Answers(7, "db.example", DnsRecordType.A));

    [Fact]
    public void Answers_AQueryInsteadOfAnAnswer_IsNotOurs() =>
        Assert.False(Read(Message(7, RecursionDesired, "db.example", TypeA)).Answers(7, "db.example", DnsRecordType.A));

    [Fact]
    public void Read_Truncated_HasNoAddressesButIsAnAnswer()
    {
        var bytes = Message(7, Answer | Truncated, "db.example", TypeA, Address("db.example", "192.0.2.1", 9));
        var message = Read(bytes[..^3]);
        Assert.True(message.IsTruncated);
        Assert.Empty(message.Addresses);
        Assert.False(DnsMessage.TryRead(Message(7, Answer, "db.example", TypeA, Address("db.example", "192.0.2.1", 9)).AsSpan()[..^3], out _));
    }

    [Fact]
    public void Read_CodesAndCompetence_AreTold()
    {
        Assert.Equal(DnsResponseCode.NoSuchName, Read(Message(7, Answer | 3, "db.example", TypeA)).Code);
        Assert.Equal(DnsResponseCode.ServerFailure, Read(Message(7, Answer | 2, "db.example", TypeA)).Code);
        Assert.True(Read(Message(7, Response | Authoritative, "db.example", TypeA)).IsCompetent);
        Assert.False(Read(Message(7, Response, "db.example", TypeA)).IsCompetent);
    }

    [Fact]
    public void Read_TtlWithTheHighestBit_IsZero() =>
        Assert.Equal(0u, Read(Message(7, Answer, "db.example", TypeA, Address("db.example", "192.0.2.1", 0x8000_0001))).TtlSeconds);

    [Fact]
    public void Read_AddressOfAnotherLength_IsNoMessage()
    {
        var record = new DnsRecord("db.example", TypeA, 9, [192, 0, 2]);
        Assert.False(DnsMessage.TryRead(Message(7, Answer, "db.example", TypeA, record), out _));
    }

    [Fact]
    public void Read_RandomAndMutatedBytes_NeverThrow()
    {
        var random = new Random(20_271);
        var sound = Message(
            7, Answer, "www.example", TypeA, Alias("www.example", "db.example", 9), Address("db.example", "192.0.2.1", 9), Address("db.example", "192.0.2.2", 9));
        var read = 0;
        for (var turn = 0; turn < 20_000; turn++)
        {
            byte[] bytes;
            if (turn % 2 == 0)
            {
                bytes = new byte[random.Next(120)];
                random.NextBytes(bytes);
                if (bytes.Length > 12)
                {
                    // One question and some answers, or nearly all of them would end at the header.
                    bytes[4] = 0;
                    bytes[5] = 1;
                }
            }
            else
            {
                bytes = [.. sound];
                for (var i = random.Next(1, 6); i > 0; i--)
                {
                    bytes[random.Next(bytes.Length)] = random.Next(3) == 0 ? (byte)(0xC0 | random.Next(4)) : (byte)random.Next(256);
                }

                bytes = turn % 3 == 0 ? bytes[..random.Next(bytes.Length / 2, bytes.Length)] : bytes;
            }

            read += DnsMessage.TryRead(bytes, out var message) ? 1 : 0;
            Assert.True(message is null || message.QuestionName.Length <= 4 * 255);
        }

        // The noise reached past the first checks.
        Assert.InRange(read, 500, 19_500);
    }

    private static DnsMessage Read(byte[] bytes)
    {
        Assert.True(DnsMessage.TryRead(bytes, out var message));
        return message;
    }
}

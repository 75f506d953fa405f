using System.Buffers.Binary;
using Portunus.Edge.Targets;

namespace Portunus.Tests.Edge.Targets;

/// <summary>What probes send, byte for byte, and what they take for an answer.</summary>
public sealed class ProbeQuestionTests
{
    private const string StunHead = "2112A442";

    public static TheoryData<string> Kinds => ["dns", "stun", "ntp", "raw"];

    [Fact]
    public void Dns_AsksForARootServersAddress()
    {
        var bytes = new DnsQuestion().Bytes;
        Assert.Equal("01000001000000000000" + "01610C726F6F742D73657276657273036E657400" + "00010001", Convert.ToHexString(bytes[2..]));
    }

    [Fact]
    public void Dns_ItsIdWithTheAnswerBit_IsAnAnswerWhateverItSays()
    {
        var question = new DnsQuestion();
        var refused = question.Bytes.ToArray();
        (refused[2], refused[3]) = (0x81, 0x85);
        Assert.True(question.IsAnsweredBy(refused));
        Assert.True(question.IsAnsweredBy(refused.AsSpan(0, 12)));
        Assert.False(question.IsAnsweredBy(refused.AsSpan(0, 11)));
        Assert.False(question.IsAnsweredBy(question.Bytes), "the question itself is no answer");
        refused[1] ^= 1;
        Assert.False(question.IsAnsweredBy(refused), "another id");
    }

    [Fact]
    public void Stun_IsABindingRequestWithoutAttributes()
    {
        var bytes = new StunQuestion().Bytes;
        Assert.Equal(20, bytes.Length);
        Assert.Equal("00010000" + StunHead, Convert.ToHexString(bytes[..8]));
    }

    [Theory]
    [InlineData(0x0101, 0, 0, true)]
    [InlineData(0x0111, 8, 8, true)]
    [InlineData(0x0101, 8, 12, true)]
    [InlineData(0x0101, 8, 4, false)]
    [InlineData(0x0101, 3, 4, false)]
    [InlineData(0x0001, 0, 0, false)]
    [InlineData(0x0103, 0, 0, false)]
    public void Stun_ABindingResponseWithItsAttributes_IsAnAnswer(int type, int length, int room, bool isAnswer)
    {
        var question = new StunQuestion();
        byte[] answer = [.. question.Bytes, .. new byte[room]];
        BinaryPrimitives.WriteUInt16BigEndian(answer, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(2), (ushort)length);
        Assert.Equal(isAnswer, question.IsAnsweredBy(answer));
        answer[19] ^= 1;
        Assert.False(question.IsAnsweredBy(answer), "another transaction");
    }

    [Fact]
    public void Ntp_IsAVersionFourClientsRequestThatTellsNothingOfThisMachine()
    {
        var (one, other) = (new NtpQuestion().Bytes, new NtpQuestion().Bytes);
        Assert.Equal((48, 0x23), (one.Length, one[0]));
        Assert.All(one[1..40], value => Assert.Equal(0, value));
        Assert.NotEqual(one[40..], other[40..]);
    }

    [Fact]
    public void Ntp_AServersPacketThatKnowsTheRequest_IsAnAnswer()
    {
        var question = new NtpQuestion();
        var answer = new byte[48];
        answer[0] = 0x24;
        question.Bytes.AsSpan(40).CopyTo(answer.AsSpan(24));
        Assert.True(question.IsAnsweredBy(answer));
        Assert.True(question.IsAnsweredBy((byte[])[.. answer, .. new byte[20]]), "with a trailer");
        Assert.False(question.IsAnsweredBy(answer.AsSpan(0, 47)));
        answer[0] = 0x25;
        Assert.False(question.IsAnsweredBy(answer), "a broadcast");
        answer[0] = 0x24;
        answer[31] ^= 1;
        Assert.False(question.IsAnsweredBy(answer), "to somebody else");
    }

    [Fact]
    public void Raw_AnswerBeginsAsExpected()
    {
        var question = new RawQuestion("00ffAb", "0102");
        Assert.Equal([0x00, 0xFF, 0xAB], question.Bytes);
        Assert.True(question.IsAnsweredBy([1, 2]));
        Assert.True(question.IsAnsweredBy([1, 2, 3]));
        Assert.False(question.IsAnsweredBy([1]));
        Assert.False(question.IsAnsweredBy([2, 1]));
        Assert.True(new RawQuestion("00", "").IsAnsweredBy([]));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void IsAnsweredBy_RandomBytesAndNearMisses_NeverThrowsAndIsNeverFooled(string kind)
    {
        var random = new Random(17);
        var model = new ProbeModel(kind, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), 1, 1, "00", "0011223344556677");
        for (var turn = 0; turn < 20_000; turn++)
        {
            var question = model.Ask();
            var (answer, idAt, idLength) = Answer(kind, question.Bytes);
            Assert.True(question.IsAnsweredBy(answer));
            answer[idAt + random.Next(idLength)] ^= (byte)(1 << random.Next(8));
            random.NextBytes(answer.AsSpan(idAt + idLength));
            var bytes = turn % 2 == 0 ? answer[..random.Next(answer.Length)] : (byte[])[.. answer, .. new byte[random.Next(100)]];
            Assert.False(question.IsAnsweredBy(bytes), $"{kind}, turn {turn}: {Convert.ToHexString(bytes)}");
            var noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            question.IsAnsweredBy(noise);
        }
    }

    /// <summary>The right answer, and where in it the question is recognised.</summary>
    private static (byte[] Answer, int IdAt, int IdLength) Answer(string kind, byte[] question) => kind switch
    {
        "dns" => ([question[0], question[1], 0x80, .. question[3..]], 0, 2),
        "stun" => ([0x01, 0x01, .. question[2..]], 4, 16),
        "ntp" => ([0x24, .. new byte[23], .. question[40..], .. new byte[16]], 24, 8),
        _ => ([0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88], 0, 8),
    };
}

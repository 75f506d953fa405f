using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Portunus.Edge.Targets;

/// <summary>
/// What one probe sends and what it takes for an answer. Made anew for each probe, so that a late answer to an earlier one
/// does not count. Pure; whatever the bytes, nothing is thrown.
/// </summary>
internal abstract class ProbeQuestion
{
    /// <summary>The datagram to send; empty for a connect alone.</summary>
    public abstract byte[] Bytes { get; }

    /// <summary>Whether a datagram from the target answers this question.</summary>
    public abstract bool IsAnsweredBy(ReadOnlySpan<byte> datagram);
}

/// <summary>Asks a name server for an address that every resolver knows; that it answers is what counts, not what.</summary>
internal sealed class DnsQuestion : ProbeQuestion
{
    private const string Name = "a.root-servers.net";
    private const int HeaderLength = 12;
    private const byte ResponseFlag = 0x80;

    private readonly ushort _id = (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1);

    public DnsQuestion()
    {
        var query = new byte[DnsMessage.MaxQueryLength];
        DnsMessage.TryWriteQuery(_id, Name, DnsRecordType.A, query, out var length);
        Bytes = query[..length];
    }

    public override byte[] Bytes { get; }

    /// <summary>RFC 1035 4.1.1: the identifier comes back, with the bit that tells answers from questions.</summary>
    public override bool IsAnsweredBy(ReadOnlySpan<byte> datagram) => datagram.Length >= HeaderLength
        && BinaryPrimitives.ReadUInt16BigEndian(datagram) == _id && (datagram[2] & ResponseFlag) != 0;
}

/// <summary>A STUN binding request (RFC 8489 3 and 5).</summary>
internal sealed class StunQuestion : ProbeQuestion
{
    private const int HeaderLength = 20;
    private const ushort BindingRequest = 0x0001;
    private const ushort BindingSuccess = 0x0101;
    private const ushort BindingError = 0x0111;
    private const uint MagicCookie = 0x2112A442;

    public StunQuestion()
    {
        Bytes = new byte[HeaderLength];
        BinaryPrimitives.WriteUInt16BigEndian(Bytes, BindingRequest);
        BinaryPrimitives.WriteUInt32BigEndian(Bytes.AsSpan(4), MagicCookie);
        RandomNumberGenerator.Fill(Bytes.AsSpan(8));
    }

    public override byte[] Bytes { get; }

    /// <summary>A success or an error, with the cookie and the transaction id; attributes are whole words and all there.</summary>
    public override bool IsAnsweredBy(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < HeaderLength || !datagram[4..HeaderLength].SequenceEqual(Bytes.AsSpan(4)))
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]);
        return BinaryPrimitives.ReadUInt16BigEndian(datagram) is BindingSuccess or BindingError
            && length % 4 == 0 && datagram.Length >= HeaderLength + length;
    }
}

/// <summary>A request of an NTP client, version 4 (RFC 5905 7.3). The time it says is random: an answer must know it.</summary>
internal sealed class NtpQuestion : ProbeQuestion
{
    private const int PacketLength = 48;
    private const byte VersionFourClient = 0x23;
    private const int ModeMask = 7;
    private const int ModeServer = 4;
    private const int OriginAt = 24;
    private const int TransmitAt = 40;

    public NtpQuestion()
    {
        Bytes = new byte[PacketLength];
        Bytes[0] = VersionFourClient;
        RandomNumberGenerator.Fill(Bytes.AsSpan(TransmitAt));
    }

    public override byte[] Bytes { get; }

    public override bool IsAnsweredBy(ReadOnlySpan<byte> datagram) => datagram.Length >= PacketLength
        && (datagram[0] & ModeMask) == ModeServer && datagram.Slice(OriginAt, 8).SequenceEqual(Bytes.AsSpan(TransmitAt));
}

/// <summary>Bytes of the operator's own, and what the answer begins with; without that, any answer does.</summary>
internal sealed class RawQuestion(string send, string expect) : ProbeQuestion
{
    private readonly byte[] _expect = Convert.FromHexString(expect);

    public override byte[] Bytes { get; } = Convert.FromHexString(send);

    public override bool IsAnsweredBy(ReadOnlySpan<byte> datagram) => datagram.StartsWith(_expect);
}

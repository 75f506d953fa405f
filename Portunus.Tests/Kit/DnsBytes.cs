using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Portunus.Tests.Kit;

/// <summary>Writes DNS messages by RFC 1035, with no help from the code under test.</summary>
internal static class DnsBytes
{
    public const ushort Response = 0x8000;
    public const ushort Authoritative = 0x0400;
    public const ushort Truncated = 0x0200;
    public const ushort RecursionDesired = 0x0100;
    public const ushort RecursionAvailable = 0x0080;

    public const ushort TypeA = 1;
    public const ushort TypeCname = 5;
    public const ushort TypeAaaa = 28;

    /// <summary>A record of the answer section.</summary>
    public sealed record DnsRecord(string Owner, ushort Type, uint Ttl, byte[] Content);

    public static DnsRecord Address(string owner, string address, uint ttl)
    {
        var bytes = IPAddress.Parse(address).GetAddressBytes();
        return new DnsRecord(owner, bytes.Length == 4 ? TypeA : TypeAaaa, ttl, bytes);
    }

    public static DnsRecord Alias(string owner, string name, uint ttl) => new(owner, TypeCname, ttl, Name(name));

    /// <summary>One question, the flags as given, and the records.</summary>
    public static byte[] Message(ushort id, ushort flags, string question, ushort type, params DnsRecord[] records)
    {
        var bytes = new MemoryStream();
        foreach (var number in new[] { id, flags, (ushort)1, (ushort)records.Length, (ushort)0, (ushort)0 })
        {
            bytes.Write(Number(number));
        }

        bytes.Write(Name(question));
        bytes.Write(Number(type));
        bytes.Write(Number(1));
        foreach (var record in records)
        {
            bytes.Write(Name(record.Owner));
            bytes.Write(Number(record.Type));
            bytes.Write(Number(1));
            bytes.Write(Number((ushort)(record.Ttl >> 16)));
            bytes.Write(Number((ushort)record.Ttl));
            bytes.Write(Number((ushort)record.Content.Length));
            bytes.Write(record.Content);
        }

        return bytes.ToArray();
    }

    /// <summary>Labels with their lengths, without compression; "" is the root.</summary>
    public static byte[] Name(string name)
    {
        var bytes = new List<byte>();
        foreach (var label in name.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            bytes.Add((byte)label.Length);
            bytes.AddRange(Encoding.ASCII.GetBytes(label));
        }

        bytes.Add(0);
        return [.. bytes];
    }

    /// <summary>Identifier, name and type of a query.</summary>
    public static (ushort Id, string Name, ushort Type) Question(ReadOnlySpan<byte> query)
    {
        var labels = new List<string>();
        var at = 12;
        while (query[at] != 0)
        {
            labels.Add(Encoding.ASCII.GetString(query.Slice(at + 1, query[at])));
            at += query[at] + 1;
        }

        return (BinaryPrimitives.ReadUInt16BigEndian(query), string.Join('.', labels), BinaryPrimitives.ReadUInt16BigEndian(query[(at + 1)..]));
    }

    public static byte[] Number(ushort value) => [(byte)(value >> 8), (byte)value];
}

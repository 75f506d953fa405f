using System.Buffers.Binary;
using System.Security.Cryptography;
using Portunus.Web.Options;

namespace Portunus.Web.Maintenance;

/// <summary>
/// The first 40 bytes of a backup file: sixteen that name it, version, flags, two of zero, rounds of the key derivation as 32 bits
/// big-endian, and its salt. After it comes a gzipped tar archive, sealed or plain, and at the end the SHA-256 of everything before.
/// </summary>
/// <param name="IsSealed">Whether a passphrase is needed.</param>
/// <param name="Rounds">Of PBKDF2 with SHA-256.</param>
/// <param name="Salt">16 random bytes; of zero where nothing is sealed.</param>
internal sealed record BackupHeader(bool IsSealed, int Rounds, byte[] Salt)
{
    public const int Length = 40;
    public const int ChecksumLength = SHA256.HashSizeInBytes;

    private const byte Version = 1;

    /// <summary>A file that asks for more is made to keep a processor busy.</summary>
    private const int MaxRounds = 10_000_000;

    /// <summary>What OWASP asks of PBKDF2 with SHA-256.</summary>
    private const int CurrentRounds = 600_000;

    private static ReadOnlySpan<byte> Name => "portunus-backup\n"u8;

    public static BackupHeader Plain { get; } = new(false, 0, new byte[16]);

    public static BackupHeader NewSealed() => new(true, CurrentRounds, RandomNumberGenerator.GetBytes(16));

    /// <exception cref="MaintenanceRefusal">It is no header, or of a version that is not known here.</exception>
    public static BackupHeader Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Length || !bytes.StartsWith(Name))
        {
            throw new MaintenanceRefusal("The file is no backup of Portunus.", ExitCode.BadFile);
        }

        if (bytes[16] > Version)
        {
            throw new MaintenanceRefusal($"The backup was written by a newer version of the program (format {bytes[16]}; this one knows {Version}).", ExitCode.Newer);
        }

        var rounds = BinaryPrimitives.ReadInt32BigEndian(bytes[20..]);
        if (bytes[16] == 0 || bytes[17] > 1 || rounds is < 0 or > MaxRounds || (bytes[17] == 1 && rounds == 0))
        {
            throw new MaintenanceRefusal("The header of the backup is damaged.", ExitCode.BadFile);
        }

        return new BackupHeader(bytes[17] == 1, rounds, bytes[24..Length].ToArray());
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        Name.CopyTo(bytes);
        bytes[16] = Version;
        bytes[17] = IsSealed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(20), Rounds);
        Salt.CopyTo(bytes, 24);
        return bytes;
    }
}

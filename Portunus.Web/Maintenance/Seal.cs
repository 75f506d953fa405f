using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Portunus.Web.Options;

namespace Portunus.Web.Maintenance;

/// <summary>
/// Encrypts a stream in chunks of 64 KiB with AES-256-GCM. Each chunk is its length as 32 bits big-endian with the highest bit set
/// on the last one, the ciphertext, and its 16-byte tag. The nonce is the chunk's number: the key is derived anew for every file. The
/// header and the length are authenticated with each chunk, so nothing can be cut off, put in another order or taken from another file.
/// </summary>
internal sealed class Seal : IDisposable
{
    private const int ChunkLength = 64 * 1024;
    private const int TagLength = 16;
    private const uint Last = 0x8000_0000;

    private readonly AesGcm _cipher;
    private readonly byte[] _header;
    private readonly byte[] _nonce = new byte[12];
    private long _number;

    public Seal(BackupHeader header, string passphrase)
    {
        _header = header.ToBytes();
        var key = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(passphrase), header.Salt, header.Rounds, HashAlgorithmName.SHA256, 32);
        _cipher = new AesGcm(key, TagLength);
        CryptographicOperations.ZeroMemory(key);
    }

    public async Task CloseAsync(Stream from, Stream to, CancellationToken cancel)
    {
        var (chunk, next) = (new byte[ChunkLength], new byte[ChunkLength]);
        var length = await from.ReadAtLeastAsync(chunk, ChunkLength, throwOnEndOfStream: false, cancel);
        var sealed_ = new byte[4 + ChunkLength + TagLength];
        while (true)
        {
            var after = length == ChunkLength ? await from.ReadAtLeastAsync(next, ChunkLength, throwOnEndOfStream: false, cancel) : 0;
            Encrypt(chunk.AsSpan(0, length), sealed_, isLast: after == 0);
            await to.WriteAsync(sealed_.AsMemory(0, 4 + length + TagLength), cancel);
            if (after == 0)
            {
                return;
            }

            (chunk, next, length) = (next, chunk, after);
        }
    }

    /// <param name="from">At the first chunk.</param>
    /// <param name="length">Bytes of all chunks together.</param>
    /// <param name="to">Gets what was sealed.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="MaintenanceRefusal">The passphrase is wrong or the file is not what was written.</exception>
    public async Task OpenAsync(Stream from, long length, Stream to, CancellationToken cancel)
    {
        var buffer = new byte[4 + ChunkLength + TagLength];
        var plain = new byte[ChunkLength];
        var isLast = false;
        while (!isLast)
        {
            if (length < 4 + TagLength)
            {
                throw Wrong();
            }

            await from.ReadExactlyAsync(buffer.AsMemory(0, 4), cancel);
            var word = BinaryPrimitives.ReadUInt32BigEndian(buffer);
            isLast = (word & Last) != 0;
            var size = word & ~Last;
            length -= 4 + size + TagLength;
            if (size > ChunkLength || length < 0)
            {
                throw Wrong();
            }

            await from.ReadExactlyAsync(buffer.AsMemory(4, (int)size + TagLength), cancel);
            Decrypt(buffer.AsSpan(0, 4 + (int)size + TagLength), plain.AsSpan(0, (int)size));
            await to.WriteAsync(plain.AsMemory(0, (int)size), cancel);
        }

        if (length != 0)
        {
            throw Wrong();
        }
    }

    public void Dispose() => _cipher.Dispose();

    private static MaintenanceRefusal Wrong() => new("The passphrase is wrong, or the backup is not what was written.", ExitCode.BadFile);

    private void Encrypt(ReadOnlySpan<byte> chunk, Span<byte> to, bool isLast)
    {
        BinaryPrimitives.WriteUInt32BigEndian(to, (uint)chunk.Length | (isLast ? Last : 0));
        _cipher.Encrypt(NextNonce(), chunk, to.Slice(4, chunk.Length), to.Slice(4 + chunk.Length, TagLength), Told(to[..4]));
    }

    private void Decrypt(ReadOnlySpan<byte> chunk, Span<byte> to)
    {
        try
        {
            _cipher.Decrypt(NextNonce(), chunk[4..^TagLength], chunk[^TagLength..], to, Told(chunk[..4]));
        }
        catch (AuthenticationTagMismatchException)
        {
            throw Wrong();
        }
    }

    private byte[] NextNonce()
    {
        BinaryPrimitives.WriteInt64BigEndian(_nonce.AsSpan(4), _number++);
        return _nonce;
    }

    private byte[] Told(ReadOnlySpan<byte> length) => [.. _header, .. length];
}

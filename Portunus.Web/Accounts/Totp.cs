using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Portunus.Web.Accounts;

/// <summary>
/// Time-based one-time codes as every authenticator app makes them (RFC 6238 over RFC 4226): HMAC-SHA1, 30 seconds, six digits.
/// Identity's own takes a code twice; a code seen over a shoulder must be worthless once used.
/// </summary>
internal static class Totp
{
    public const int KeyLength = 20;

    private const int StepSeconds = 30;
    private const int Digits = 6;

    /// <summary>A clock may be off by one step either way.</summary>
    private const int Drift = 1;

    public static byte[] NewKey() => RandomNumberGenerator.GetBytes(KeyLength);

    /// <summary>The step the code belongs to, when it is right and later than the last one taken; else null.</summary>
    public static long? Match(byte[] key, string code, DateTimeOffset now, long lastStep)
    {
        if (code.Length != Digits || !code.All(char.IsAsciiDigit))
        {
            return null;
        }

        var current = now.ToUnixTimeSeconds() / StepSeconds;
        long? found = null;
        for (var step = current - Drift; step <= current + Drift; step++)
        {
            // All are computed and compared in constant time: which one fits is nobody's business.
            if (CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(CodeAt(key, step)), Encoding.ASCII.GetBytes(code)) && step > lastStep)
            {
                found ??= step;
            }
        }

        return found;
    }

    /// <summary>The code of a time.</summary>
    public static string CodeAt(byte[] key, DateTimeOffset time) => CodeAt(key, time.ToUnixTimeSeconds() / StepSeconds);

    private static string CodeAt(byte[] key, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> mac = stackalloc byte[20];
#pragma warning disable CA5350 // The algorithm is the standard's; its strength here does not rest on collisions.
        HMACSHA1.HashData(key, counter, mac);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadInt32BigEndian(mac[(mac[^1] & 0x0F)..]) & 0x7FFFFFFF;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    /// <summary>What an authenticator app takes as a QR code or a link.</summary>
    public static string Uri(byte[] key, string account) =>
        $"otpauth://totp/Portunus:{System.Uri.EscapeDataString(account)}?secret={Base32(key)}&issuer=Portunus&algorithm=SHA1&digits={Digits}&period={StepSeconds}";

    /// <summary>RFC 4648, without padding; 20 bytes are 32 letters exactly.</summary>
    public static string Base32(ReadOnlySpan<byte> bytes)
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        var text = new StringBuilder((bytes.Length * 8 / 5) + 1);
        var (held, bits) = (0, 0);
        foreach (var one in bytes)
        {
            held = (held << 8) | one;
            bits += 8;
            while (bits >= 5)
            {
                bits -= 5;
                text.Append(Alphabet[(held >> bits) & 31]);
            }

            held &= (1 << bits) - 1;
        }

        if (bits > 0)
        {
            text.Append(Alphabet[(held << (5 - bits)) & 31]);
        }

        return text.ToString();
    }
}

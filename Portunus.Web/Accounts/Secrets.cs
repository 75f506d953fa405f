using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Portunus.Web.Accounts;

/// <summary>
/// Secrets the program makes itself: 32 random bytes, of which only a SHA-256 is kept. A slow hash is for what people choose;
/// nobody guesses 256 bits. They are found by their hash, so that no comparison in time tells anything.
/// </summary>
internal static class Secrets
{
    /// <summary>Begins every API token, so that scanners for leaked secrets know it.</summary>
    public const string TokenPrefix = "ptk_";

    /// <summary>Longer texts are no secret of ours and are not hashed.</summary>
    public const int MaxLength = 128;

    /// <summary>A new secret: <paramref name="prefix"/> and 43 characters that stand in URLs, headers and shells as they are.</summary>
    public static string New(string prefix = "") => prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>A password to be used once: 20 letters and digits that are not mistaken for one another, about 115 bits.</summary>
    public static string NewPassword() => string.Join('-', Enumerable.Range(0, 4).Select(_ => RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789ABCDEFGHJKLMNPQRSTUVWXYZ", 5)));
}

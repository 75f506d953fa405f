using System.Security.Cryptography;

namespace Portunus.Web.Accounts;

/// <summary>Codes for whoever has lost the second factor: sixteen letters and digits, 80 bits, each good once.</summary>
internal static class RecoveryCodes
{
    public const int Count = 10;

    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>A new set, as people write them down: <c>abcd-efgh-ijkl-mnop</c>.</summary>
    public static IReadOnlyList<string> New() =>
        [.. Enumerable.Range(0, Count).Select(_ => string.Join('-', Enumerable.Range(0, 4).Select(_ => RandomNumberGenerator.GetString(Alphabet, 4))))];

    /// <summary>The hash by which a typed one is found, or null for what cannot be one. Case, blanks and dashes do not count.</summary>
    public static byte[]? HashOf(string typed)
    {
        var bare = new string([.. typed.ToLowerInvariant().Where(one => one is not ('-' or ' '))]);
        return bare.Length == 16 && bare.All(Alphabet.Contains) ? Secrets.HashOf(bare) : null;
    }
}

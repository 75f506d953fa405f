using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Portunus.Web.Options;

/// <summary>A certificate with its key, and what stands between it and its root, as PEM files hold them.</summary>
/// <param name="Leaf">The first certificate of the file, with its key.</param>
/// <param name="Between">The others: whoever connects may not have them, so they are sent along.</param>
internal sealed record TlsPair(X509Certificate2 Leaf, X509Certificate2Collection Between)
{
    /// <summary>A certificate this close to its end should have been renewed.</summary>
    private static readonly TimeSpan s_soon = TimeSpan.FromDays(14);

    /// <summary>The pair in two files, or null and why not.</summary>
    public static TlsPair? Read(string certFile, string keyFile, out string problem)
    {
        try
        {
            return Of(File.ReadAllBytes(certFile), File.ReadAllBytes(keyFile), out problem);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            problem = $"admin_tls_cert and admin_tls_key cannot be read: {broken.Message}";
            return null;
        }
    }

    /// <summary>The pair in the contents of two files, or null and why not.</summary>
    public static TlsPair? Of(ReadOnlySpan<byte> cert, ReadOnlySpan<byte> key, out string problem)
    {
        var (certText, keyText) = (Encoding.UTF8.GetString(cert), Encoding.UTF8.GetString(key));
        try
        {
            var all = new X509Certificate2Collection();
            all.ImportFromPem(certText);
            if (all.Count == 0)
            {
                problem = "admin_tls_cert holds no certificate: it must be a PEM file with the certificate first and those of its issuers after it.";
                return null;
            }

            all.RemoveAt(0);
            problem = "";
            return new TlsPair(X509Certificate2.CreateFromPem(certText, keyText), all);
        }
        catch (Exception broken) when (broken is CryptographicException or ArgumentException)
        {
            // Nothing of what the framework says is passed on: it may name what is in the key.
            problem = keyText.Contains("ENCRYPTED", StringComparison.Ordinal)
                ? "admin_tls_key is sealed to a passphrase; the server starts without anybody to ask for it. Keep the key as plain PEM, closed with chmod 600."
                : "admin_tls_cert and admin_tls_key do not go together: the first must be a certificate and the second its own private key, both PEM.";
            return null;
        }
    }

    /// <summary>What is wrong with its time, as a sentence; null when nothing is.</summary>
    public string? Complaint(DateTimeOffset now)
    {
        var (from, until) = (new DateTimeOffset(Leaf.NotBefore), new DateTimeOffset(Leaf.NotAfter));
        return now > until ? $"The admin certificate ended on {until.UtcDateTime:yyyy-MM-dd HH:mm} UTC; browsers refuse it."
            : now < from ? $"The admin certificate begins on {from.UtcDateTime:yyyy-MM-dd HH:mm} UTC; browsers refuse it until then."
            : until - now < s_soon ? $"The admin certificate ends on {until.UtcDateTime:yyyy-MM-dd HH:mm} UTC; renew it."
            : null;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Portunus.Shared.Link;

namespace Portunus.Web.Link;

/// <summary>A key that edges know this control plane by, with the certificate that TLS wants around it.</summary>
internal sealed class LinkKey : IDisposable
{
    /// <summary>The moment that means "no end" in a certificate (RFC 5280 4.1.2.5): edges look at the key and never at dates.</summary>
    private static readonly DateTimeOffset s_noEnd = new(9999, 12, 31, 23, 59, 59, TimeSpan.Zero);

    private LinkKey(X509Certificate2 certificate)
    {
        Certificate = certificate;
        Pin = ServerPin.Of(certificate.PublicKey.ExportSubjectPublicKeyInfo());
    }

    /// <summary>Self-signed, with its private key.</summary>
    public X509Certificate2 Certificate { get; }

    public ServerPin Pin { get; }

    /// <summary>A new one, as the text of its file: the private key (PKCS #8) and the certificate, both PEM.</summary>
    public static string NewPem(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Portunus", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        // A day back: a clock that is set right later must not make it one of the future.
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), s_noEnd);
        return $"{key.ExportPkcs8PrivateKeyPem()}\n{certificate.ExportCertificatePem()}\n";
    }

    /// <summary>Reads what <see cref="NewPem"/> wrote; false with a reason for anything else.</summary>
    public static bool TryRead(string pem, [NotNullWhen(true)] out LinkKey? key, [NotNullWhen(false)] out string? reason)
    {
        (key, reason) = (null, null);
        try
        {
            var certificate = X509Certificate2.CreateFromPem(pem, pem);
            using var own = certificate.GetECDsaPrivateKey();
            if (own is null)
            {
                certificate.Dispose();
                reason = "its key is not one for ECDSA.";
                return false;
            }

            key = new LinkKey(certificate);
            return true;
        }
        catch (Exception broken) when (broken is CryptographicException or ArgumentException)
        {
            reason = broken.Message;
            return false;
        }
    }

    public void Dispose() => Certificate.Dispose();
}

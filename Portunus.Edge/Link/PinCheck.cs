using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Portunus.Shared.Link;

namespace Portunus.Edge.Link;

/// <summary>
/// Looks at the server's key while the handshake of TLS still runs, so nothing is sent to a server that shows another. Names and
/// dates of its certificate say nothing here, and nobody is asked about it: neither the system's store nor an address that the certificate names.
/// </summary>
internal sealed class PinCheck(IReadOnlyList<ServerPin> pins)
{
    private volatile ServerPin? _refused;

    /// <summary>The key that was shown and is none of ours; null while that did not happen.</summary>
    public ServerPin? Refused => _refused;

    /// <summary>A handler for HTTP over TLS 1.2 or later to servers with one of the pins.</summary>
    public SocketsHttpHandler Handler() => new()
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = System.Net.DecompressionMethods.None,
        UseCookies = false,
        // Of no HTTPS_PROXY either: the pin is about the one at the other end of the connection, and the way to it is direct.
        UseProxy = false,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
        SslOptions = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => IsPinned(certificate),
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
            },
        },
    };

    private bool IsPinned(X509Certificate? certificate)
    {
        if (certificate is not X509Certificate2 shown)
        {
            return false;
        }

        var pin = ServerPin.Of(shown.PublicKey.ExportSubjectPublicKeyInfo());
        if (pins.Contains(pin))
        {
            return true;
        }

        _refused = pin;
        return false;
    }
}

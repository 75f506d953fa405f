using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Portunus.Web.Options;

namespace Portunus.Web.Shell;

/// <summary>
/// What the admin listener shows to whoever connects by https. Certificates are renewed while the program runs: the files are looked
/// at now and then, and a new pair that is whole takes the place of the old one from the next connection on.
/// </summary>
internal sealed class AdminCertificate
{
    private static readonly TimeSpan s_reminder = TimeSpan.FromDays(1);

    private readonly string _certFile;
    private readonly string _keyFile;
    private readonly Lock _looking = new();
    private byte[] _cert;
    private byte[] _key;
    private TlsPair _pair;
    private volatile SslServerAuthenticationOptions _shown;
    private DateTimeOffset _complainedAt = DateTimeOffset.MinValue;

    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The files hold no pair; options that were checked do.</exception>
    public AdminCertificate(string certFile, string keyFile)
    {
        (_certFile, _keyFile) = (certFile, keyFile);
        (_cert, _key) = (File.ReadAllBytes(certFile), File.ReadAllBytes(keyFile));
        _pair = TlsPair.Of(_cert, _key, out var problem) ?? throw new InvalidDataException(problem);
        _shown = Shown(_pair);
    }

    /// <summary>For one connection.</summary>
    public SslServerAuthenticationOptions ForConnection => _shown;

    /// <summary>Reads the files again. A pair that is not whole, as while one of two files is written, changes nothing.</summary>
    public void Look(ILogger log, DateTimeOffset now)
    {
        lock (_looking)
        {
            try
            {
                Take(File.ReadAllBytes(_certFile), File.ReadAllBytes(_keyFile), log);
            }
            catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
            {
                CertificateLog.Unreadable(log, broken.Message);
            }

            if (_pair.Complaint(now) is { } complaint && now - _complainedAt >= s_reminder)
            {
                _complainedAt = now;
                CertificateLog.Complaint(log, complaint);
            }
        }
    }

    private void Take(byte[] cert, byte[] key, ILogger log)
    {
        if (cert.AsSpan().SequenceEqual(_cert) && key.AsSpan().SequenceEqual(_key))
        {
            return;
        }

        // Remembered also when they will not do: the same contents are complained of once.
        (_cert, _key) = (cert, key);
        if (TlsPair.Of(cert, key, out var problem) is not { } pair)
        {
            CertificateLog.Refused(log, problem);
            return;
        }

        // The old one is left to the collector: handshakes that have begun still hold it.
        _pair = pair;
        _shown = Shown(pair);
        _complainedAt = DateTimeOffset.MinValue;
        CertificateLog.Taken(log, pair.Leaf.Subject, pair.Leaf.NotAfter.ToUniversalTime());
    }

    private static SslServerAuthenticationOptions Shown(TlsPair pair) => new()
    {
        // Offline: what is between the certificate and its root stands in the file and is not fetched from addresses that it names.
        ServerCertificateContext = SslStreamCertificateContext.Create(pair.Leaf, pair.Between, offline: true),
    };
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Portunus.Shared.Link;

namespace Portunus.Tests.Kit;

/// <summary>A key of a control plane with a certificate that nobody vouches for, long out of date and under a wrong name: only the key counts.</summary>
internal sealed class ServerKey : IDisposable
{
    public ServerKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=somebody.else.invalid", key, HashAlgorithmName.SHA256);
        Certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1));
        Pin = ServerPin.Of(Certificate.PublicKey.ExportSubjectPublicKeyInfo());
    }

    public X509Certificate2 Certificate { get; }

    public ServerPin Pin { get; }

    public void Dispose() => Certificate.Dispose();
}

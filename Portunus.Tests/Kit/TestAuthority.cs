using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Portunus.Tests.Kit;

/// <summary>A root and what it issues by way of another, for 127.0.0.1. Whoever trusts the root alone needs the one between to be sent.</summary>
internal sealed class TestAuthority : IDisposable
{
    private static readonly TimeSpan s_long = TimeSpan.FromDays(1000);

    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _between;

    public TestAuthority()
    {
        using var key = NewKey();
        var now = DateTimeOffset.UtcNow;
        _root = Authority("CN=Test root", key).CreateSelfSigned(now - s_long, now + s_long);
        using var betweenKey = NewKey();
        using var issued = Authority("CN=Test issuer", betweenKey).Create(_root, now - s_long, now + s_long, [1, 2, 3]);
        _between = issued.CopyWithPrivateKey(betweenKey);
    }

    /// <summary>What curl takes with <c>--cacert</c>.</summary>
    public string RootPem => _root.ExportCertificatePem();

    /// <summary>A chain, its leaf first, and the leaf's key.</summary>
    public (string Chain, string Key) Issue(string name, TimeSpan? left = null)
    {
        using var key = NewKey();
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = DateTimeOffset.UtcNow;
        using var leaf = request.Create(_between, now - TimeSpan.FromDays(100), now + (left ?? TimeSpan.FromDays(90)), RandomNumberGenerator.GetBytes(8));
        return ($"{leaf.ExportCertificatePem()}\n{_between.ExportCertificatePem()}\n", key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>Writes a pair as <c>cert.pem</c> and <c>key.pem</c>, the key closed to others.</summary>
    public static void Write(DataFolder folder, (string Chain, string Key) pair)
    {
        File.WriteAllText(folder.File("cert.pem"), pair.Chain);
        File.WriteAllText(folder.File("key.pem"), pair.Key);
        File.SetUnixFileMode(folder.File("key.pem"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public void Dispose()
    {
        _root.Dispose();
        _between.Dispose();
    }

    private static ECDsa NewKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static CertificateRequest Authority(string name, ECDsa key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request;
    }
}

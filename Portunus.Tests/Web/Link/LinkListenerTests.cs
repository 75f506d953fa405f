using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Portunus.Shared.Link;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Web.Link;

public sealed class LinkListenerTests : IAsyncLifetime
{
    private RunningWeb _web = null!;

    public async Task InitializeAsync() => _web = await RunningWeb.StartAsync();

    public async Task DisposeAsync() => await _web.DisposeAsync();

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Listener_ShowsThePinnedKey(SslProtocols protocol)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, _web.LinkAddress.Port);
        ServerPin? seen = null;
        await using var tls = new SslStream(tcp.GetStream(), false, (_, certificate, _, _) =>
        {
            seen = ServerPin.Of(((System.Security.Cryptography.X509Certificates.X509Certificate2)certificate!).PublicKey.ExportSubjectPublicKeyInfo());
            return certificate is not null;
        });

        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "any.example", EnabledSslProtocols = protocol });

        Assert.Equal(_web.Pin, seen);
    }

    [Fact]
    public async Task OlderTls_IsRefused()
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, _web.LinkAddress.Port);
        await using var tls = new SslStream(tcp.GetStream(), false, (_, certificate, _, _) => certificate is not null);

#pragma warning disable CA5397, SYSLIB0039 // What is asked for is what must be refused.
        await Assert.ThrowsAnyAsync<Exception>(() => tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "any.example", EnabledSslProtocols = SslProtocols.Tls11 }));
#pragma warning restore CA5397, SYSLIB0039
    }

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/healthz")]
    [InlineData("GET", "/openapi/v1.json")]
    [InlineData("GET", "/v1/edges")]
    [InlineData("POST", "/v1/auth/sign-in")]
    [InlineData("POST", "/v1/auth/setup")]
    [InlineData("POST", "/control/run")]
    [InlineData("POST", "/link/negotiate")]
    [InlineData("DELETE", "/v1/edges")]
    [InlineData("GET", "/nothing")]
    public async Task OtherRoutes_AreNotThereWhateverTheHostSays(string method, string path)
    {
        var admin = _web.Address.Authority;
        foreach (var host in new[] { admin, _web.LinkAddress.Authority, "control", "127.0.0.1:7080" })
        {
            Assert.Equal("404 route_not_found", await AskAsync(_web.LinkAddress, method, path, host));
        }
    }

    [Theory]
    [InlineData("GET", LinkRoutes.Hub)]
    [InlineData("POST", LinkRoutes.Hub)]
    [InlineData("POST", LinkRoutes.Hub + "/negotiate")]
    [InlineData("POST", LinkRoutes.Enroll)]
    public async Task LinkRoutes_AreNotThereOnAdminWhateverTheHostSays(string method, string path)
    {
        foreach (var host in new[] { _web.LinkAddress.Authority, "127.0.0.1:7443", _web.Address.Authority })
        {
            Assert.StartsWith("40", await AskAsync(_web.Address, method, path, host), StringComparison.Ordinal);
            Assert.DoesNotContain("link", (await AskAsync(_web.Address, method, path, host))[3..], StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task TokenOfAnAccount_OpensNothingHere()
    {
        var root = await _web.SuperadminAsync();
        Assert.Equal(200, (await root.GetAsync("/v1/edges")).Status);

        using var http = RunningWeb.AnyHttps();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_web.LinkAddress, "/v1/edges"));
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {root.Token}");
        using var answer = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    /// <summary>Status and code of a request with a Host of one's own choice.</summary>
    private static async Task<string> AskAsync(Uri address, string method, string path, string host)
    {
        using var http = RunningWeb.AnyHttps();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(address, path));
        request.Headers.Host = host;
        if (method == "POST")
        {
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        }

        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        var code = text.Length > 0 ? System.Text.Json.JsonDocument.Parse(text).RootElement.GetProperty("code").GetString() : "";
        return $"{(int)answer.StatusCode} {code}";
    }
}

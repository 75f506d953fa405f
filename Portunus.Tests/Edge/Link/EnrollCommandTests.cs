using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Portunus.Edge.Link;
using Portunus.Edge.Options;
using Portunus.Shared.Ids;
using Portunus.Shared.Link;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Link;

public sealed class EnrollCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();

    private string Place => _folder.File("portunus/edge.json");

    public void Dispose()
    {
        _folder.Dispose();
        _output.Dispose();
        _errors.Dispose();
    }

    [Fact]
    public async Task Enroll_GoodCode_KeepsCredentialsForTheOwnerAlone()
    {
        await using var server = await LinkServer.StartAsync();
        var reply = LinkServer.Reply(server.Key.Pin);
        server.Enrolling = request => request.Response.WriteAsJsonAsync(reply, LinkJson.Default.EnrollReply);

        Assert.Equal(ExitCode.Done, await RunAsync(server.Line()));

        var sent = Assert.Single(server.Enrollments);
        Assert.Equal(("c0de", Environment.MachineName, EdgeVersion.Text), (sent.Code, sent.Host, sent.Version));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Place));
        Assert.Equal([Place], Directory.GetFiles(Path.GetDirectoryName(Place)!));
        var kept = new CredentialsFile(Place).TryRead(out var problem);
        Assert.Equal("", problem);
        Assert.NotNull(kept);
        Assert.Equal(("127.0.0.1", server.Port, reply.Edge, "north", reply.Credential), (kept.Host, kept.Port, kept.Edge, kept.Name, kept.Credential));
        Assert.Equal([server.Key.Pin.Text], kept.Pins);
        Assert.Contains("is the edge north", _output.ToString(), StringComparison.Ordinal);
        AssertTellsNoSecret(reply.Credential);
    }

    [Fact]
    public async Task Enroll_AnotherKey_SendsNothing()
    {
        await using var server = await LinkServer.StartAsync();
        using var other = new ServerKey();

        Assert.Equal(ExitCode.Asked, await RunAsync(server.Line() with { Pin = other.Pin }));

        Assert.Equal(1, server.Connections);
        Assert.Empty(server.Enrollments);
        Assert.Contains($"shows the key {server.Key.Pin}", _errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("Nothing was sent", _errors.ToString(), StringComparison.Ordinal);
        AssertNothingKept();
    }

    [Theory]
    [InlineData(400, """{"code": "enroll_code_expired", "detail": "The code expired at 10:00."}""", ExitCode.Asked, "(enroll_code_expired): The code expired at 10:00.")]
    [InlineData(403, "", ExitCode.Asked, "HTTP 403.")]
    [InlineData(404, "<html>\u001b[31m", ExitCode.Asked, "HTTP 404.")]
    [InlineData(302, "", ExitCode.Asked, "HTTP 302.")]
    [InlineData(429, """{"code": "slow_down", "detail": "Too many tries."}""", ExitCode.Failed, "does not enrol now: Too many tries.")]
    [InlineData(503, "[]", ExitCode.Failed, "does not enrol now: HTTP 503.")]
    [InlineData(200, "{", ExitCode.Asked, "is not understood")]
    [InlineData(200, "null", ExitCode.Asked, "is not understood")]
    [InlineData(200, """{"edge": "x", "name": "n", "credential": "c", "pins": ["sha256:00"]}""", ExitCode.Asked, "is not understood")]
    [InlineData(400, """{"code": "\u001b[31mred", "detail": 7}""", ExitCode.Asked, "([31mred): HTTP 400.")]
    public async Task Enroll_Refused_SaysWhyAndKeepsNothing(int status, string body, int exitCode, string sentence)
    {
        await using var server = await LinkServer.StartAsync();
        server.Enrolling = request =>
        {
            request.Response.StatusCode = status;
            return request.Response.WriteAsync(body);
        };

        Assert.Equal(exitCode, await RunAsync(server.Line()));
        Assert.Contains(sentence, _errors.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', _errors.ToString());
        AssertNothingKept();
        AssertTellsNoSecret("c0de");
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("a\r\nX-More: b")]
    [InlineData("")]
    public async Task Enroll_CredentialThatNoHeaderCanCarry_IsNotTaken(string credential)
    {
        await using var server = await LinkServer.StartAsync();
        var reply = LinkServer.Reply() with { Credential = credential };
        server.Enrolling = request => request.Response.WriteAsJsonAsync(reply, LinkJson.Default.EnrollReply);
        Assert.Equal(ExitCode.Asked, await RunAsync(server.Line()));
        AssertNothingKept();
    }

    [Fact]
    public async Task Enroll_AnswerWithAPinThatIsNone_IsNotTaken()
    {
        await using var server = await LinkServer.StartAsync();
        var reply = LinkServer.Reply() with { Pins = ["sha256:beef"] };
        server.Enrolling = request => request.Response.WriteAsJsonAsync(reply, LinkJson.Default.EnrollReply);
        Assert.Equal(ExitCode.Asked, await RunAsync(server.Line()));
        Assert.Contains("names a pin that is none", _errors.ToString(), StringComparison.Ordinal);
        AssertNothingKept();
    }

    [Fact]
    public async Task Enroll_CredentialsThereAlready_LeavesThemAndTheCode()
    {
        await using var server = await LinkServer.StartAsync();
        Directory.CreateDirectory(Path.GetDirectoryName(Place)!);
        await File.WriteAllTextAsync(Place, "old");

        Assert.Equal(ExitCode.Asked, await RunAsync(server.Line()));
        Assert.Equal("old", await File.ReadAllTextAsync(Place));
        Assert.Equal(0, server.Connections);

        Assert.Equal(ExitCode.Done, await RunAsync(server.Line(), force: true));
        Assert.NotNull(new CredentialsFile(Place).TryRead(out _));
    }

    [Fact]
    public async Task Enroll_RefusedWithForce_KeepsTheOldCredentials()
    {
        await using var server = await LinkServer.StartAsync();
        server.Enrolling = request =>
        {
            request.Response.StatusCode = 400;
            return Task.CompletedTask;
        };
        Directory.CreateDirectory(Path.GetDirectoryName(Place)!);
        await File.WriteAllTextAsync(Place, "old");
        Assert.Equal(ExitCode.Asked, await RunAsync(server.Line(), force: true));
        Assert.Equal("old", await File.ReadAllTextAsync(Place));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(Place)!));
    }

    [Theory]
    [InlineData("/proc/none/edge.json")]
    [InlineData("/dev/null/edge.json")]
    public async Task Enroll_PlaceThatCannotBeWritten_IsToldBeforeTheCodeIsSpent(string place)
    {
        await using var server = await LinkServer.StartAsync();
        Assert.Equal(ExitCode.Asked, await RunAsync(server.Line(), place: place));
        Assert.Equal(0, server.Connections);
        Assert.Contains("The code was not used.", _errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Enroll_PlaceIsAFolder_IsToldBeforeTheCodeIsSpent()
    {
        await using var server = await LinkServer.StartAsync();
        Directory.CreateDirectory(Place);
        Assert.Equal(ExitCode.Asked, await RunAsync(server.Line(), force: true));
        Assert.Equal(0, server.Connections);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(Place)!));
    }

    [Fact]
    public async Task Enroll_NobodyThere_MayBeTriedAgain()
    {
        using var key = new ServerKey();
        Assert.Equal(ExitCode.Failed, await RunAsync(new EnrollUri("127.0.0.1", FreePorts.Take(), key.Pin, "c0de")));
        Assert.Contains("cannot be reached", _errors.ToString(), StringComparison.Ordinal);
        AssertNothingKept();
    }

    [Fact]
    public async Task Enroll_ServerWithoutTls_IsSentNoCode()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var answering = AnswerInPlainAsync(listener);
        using var key = new ServerKey();
        Assert.Equal(ExitCode.Failed, await RunAsync(new EnrollUri("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, key.Pin, "c0de")));
        Assert.Contains("over TLS", _errors.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("c0de", await Eventually.Within(answering), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Enroll_Tls11_IsNotSpoken()
    {
#pragma warning disable SYSLIB0039, CA5397 // The old version is the point.
        await using var server = await LinkServer.StartAsync(SslProtocols.Tls11);
#pragma warning restore SYSLIB0039, CA5397
        Assert.Equal(ExitCode.Failed, await RunAsync(server.Line()));
        Assert.Empty(server.Enrollments);
    }

    private static async Task<string> AnswerInPlainAsync(TcpListener listener)
    {
        using var peer = await listener.AcceptTcpClientAsync();
        var bytes = new byte[4096];
        var count = await peer.GetStream().ReadAsync(bytes);
        await peer.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        return System.Text.Encoding.Latin1.GetString(bytes, 0, count);
    }

    private Task<int> RunAsync(EnrollUri line, bool force = false, string? place = null) => Eventually.Within(EnrollCommand.RunAsync(
        new CommandLine { Verb = EdgeVerb.Enroll, EnrollUri = line, Credentials = place ?? Place, Force = force }, _output, _errors, CancellationToken.None));

    private void AssertNothingKept()
    {
        var folder = Path.GetDirectoryName(Place)!;
        Assert.True(!Directory.Exists(folder) || Directory.GetFileSystemEntries(folder).Length == 0, "something was left behind");
    }

    private void AssertTellsNoSecret(string secret)
    {
        Assert.DoesNotContain(secret, _output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(secret, _errors.ToString(), StringComparison.Ordinal);
    }
}

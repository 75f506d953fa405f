using Portunus.Tests.Kit;

namespace Portunus.Tests.Web.Shell;

/// <summary>HTTPS on the admin listener, as a browser and a renewal tool meet it.</summary>
public sealed class AdminCertificateTests : IDisposable
{
    private readonly DataFolder _folder = new();
    private readonly DataFolder _files = new();
    private readonly TestAuthority _authority = new();

    public AdminCertificateTests() => File.WriteAllText(_files.File("root.pem"), _authority.RootPem);

    public void Dispose()
    {
        _authority.Dispose();
        _files.Dispose();
        _folder.Dispose();
    }

    [ProgramFact("curl")]
    public async Task Https_IsTrustedByTheRootAloneAndTellsBrowsersToStay()
    {
        TestAuthority.Write(_files, _authority.Issue("first"));
        await using var web = await ServingAsync();
        Assert.Equal("https", web.Address.Scheme);
        await Eventually.Holds(() => web.Text.Contains("Setup token", StringComparison.Ordinal), "the token is printed");
        var made = await CurlAsync(web, "/v1/auth/setup", "-H", "Content-Type: application/json", "-d", $$"""{"setup_token":"{{web.SetupToken}}","name":"ada","password":"{{RunningWeb.Password}}"}""");
        Assert.True(made.ExitCode == 0 && made.Output.Contains(" 201", StringComparison.Ordinal), made.Output + made.Errors);
        Assert.Contains("strict-transport-security: max-age=31536000", made.Output, StringComparison.OrdinalIgnoreCase);
        var signedIn = await CurlAsync(web, "/v1/auth/sign-in", "-H", "Content-Type: application/json", "-d", $$"""{"name":"ada","password":"{{RunningWeb.Password}}"}""");
        var cookie = signedIn.Output.Split('\n').Single(line => line.StartsWith("set-cookie:", StringComparison.OrdinalIgnoreCase));
        Assert.Contains("__Host-", cookie, StringComparison.Ordinal);
        Assert.Contains("; secure", cookie, StringComparison.OrdinalIgnoreCase);

        var plain = await CommandRun.RunAsync("curl", ["-sS", $"http://{web.Address.Authority}/healthz"]);
        Assert.NotEqual(0, plain.ExitCode);
        var old = await CurlAsync(web, "/healthz", "--tls-max", "1.1");
        Assert.NotEqual(0, old.ExitCode);
        Assert.Equal(0, await web.StopAsync());
    }

    [ProgramFact("curl")]
    public async Task RenewedFiles_AreShownOnSighup_AndHalfAPairChangesNothing()
    {
        TestAuthority.Write(_files, _authority.Issue("first"));
        await using var web = await ServingAsync();
        Assert.Contains("CN=first", await SubjectAsync(web), StringComparison.Ordinal);

        var second = _authority.Issue("second");
        await File.WriteAllTextAsync(_files.File("cert.pem"), second.Chain);
        await web.SignalAsync("HUP");
        await Eventually.Holds(() => web.Text.Contains("keeps its certificate", StringComparison.Ordinal), "half a pair is told of");
        Assert.Contains("CN=first", await SubjectAsync(web), StringComparison.Ordinal);

        TestAuthority.Write(_files, second);
        await web.SignalAsync("HUP");
        await Eventually.Holds(() => web.Text.Contains("a new certificate for CN=second", StringComparison.Ordinal), "the new pair is taken");
        Assert.Contains("CN=second", await SubjectAsync(web), StringComparison.Ordinal);

        File.Delete(_files.File("key.pem"));
        await web.SignalAsync("HUP");
        await Eventually.Holds(() => web.Text.Contains("the files cannot be read", StringComparison.Ordinal), "the missing file is told of");
        Assert.Contains("CN=second", await SubjectAsync(web), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sighup_WithoutACertificate_EndsNothing()
    {
        await using var web = await WebProcess.ServingAsync(_folder.Path);
        await Eventually.Holds(() => web.Text.Contains("Setup token", StringComparison.Ordinal), "the start is over");
        await web.SignalAsync("HUP");
        Assert.Equal(200, (await new WebCaller(web.Address).GetAsync("/healthz")).Status);
        Assert.Equal(0, await web.StopAsync());
    }

    [Theory]
    [InlineData(-1, "ended on")]
    [InlineData(3, "renew it")]
    [InlineData(60, null)]
    public async Task CertificateAtItsEnd_IsToldByCheckAndAtTheStart(int daysLeft, string? told)
    {
        TestAuthority.Write(_files, _authority.Issue("aged", TimeSpan.FromDays(daysLeft)));
        var check = (await WebVerb.RunAsync(_folder.Path, ["check", .. Flags()])).Ends(0);
        await using var web = await ServingAsync();
        if (told is null)
        {
            Assert.Equal("", check.Errors);
            await web.StopAsync();
            Assert.DoesNotContain("admin certificate", web.Text, StringComparison.Ordinal);
            return;
        }

        Assert.Contains(told, check.Errors, StringComparison.Ordinal);
        await Eventually.Holds(() => web.Text.Contains(told, StringComparison.Ordinal), "the log tells of the certificate's end");
    }

    [UnprivilegedFact]
    public async Task KeyThatTheServersUserCannotRead_IsToldAndNothingStarts()
    {
        TestAuthority.Write(_files, _authority.Issue("closed"));
        File.SetUnixFileMode(_files.Path, File.GetUnixFileMode(_files.Path) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        var run = await CommandRun.RunAsync(UnprivilegedFactAttribute.Wrapper[0], [.. UnprivilegedFactAttribute.Wrapper[1..], WebProcess.Program, "--data-dir", _folder.File("data"), .. Flags()]);
        Assert.True(run.ExitCode == 2 && run.Errors.Contains("cannot be read", StringComparison.Ordinal), $"{run.ExitCode} {run.Errors}");
        Assert.False(Directory.Exists(_folder.File("data")));
    }

    private Task<WebProcess> ServingAsync() => WebProcess.ServingAsync(_folder.Path, Flags());

    private string[] Flags() => ["--admin-tls-cert", _files.File("cert.pem"), "--admin-tls-key", _files.File("key.pem")];

    private Task<CommandRun> CurlAsync(WebProcess web, string path, params string[] more) =>
        CommandRun.RunAsync("curl", ["-sS", "-i", "--cacert", _files.File("root.pem"), .. more, new Uri(web.Address, path).ToString()]);

    private async Task<string> SubjectAsync(WebProcess web)
    {
        var answer = await CurlAsync(web, "/healthz", "-v");
        Assert.True(answer.ExitCode == 0, answer.Errors);
        return answer.Errors.Split('\n').Single(line => line.Contains("subject:", StringComparison.Ordinal));
    }
}

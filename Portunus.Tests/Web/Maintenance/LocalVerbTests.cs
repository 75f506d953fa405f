using Portunus.Tests.Kit;
using Portunus.Web.Database;

namespace Portunus.Tests.Web.Maintenance;

/// <summary>The program as it is called: serving, and commands beside a running server and without one.</summary>
public sealed class LocalVerbTests
{
    [Fact]
    public async Task SetupToken_IsPrintedOnceNewAtEachStartAndOverTheSocket()
    {
        using var folder = new DataFolder();
        string first;
        await using (var web = await WebProcess.ServingAsync(folder.Path))
        {
            await Eventually.Holds(() => web.Text.Contains("Setup token", StringComparison.Ordinal), "the token is printed");
            first = web.SetupToken;
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(DataDirectory.ControlSocketOf(folder.Path)));
            Assert.Equal(0, await web.StopAsync());
        }

        await using (var web = await WebProcess.ServingAsync(folder.Path))
        {
            await Eventually.Holds(() => web.Text.Contains("Setup token", StringComparison.Ordinal), "the token is printed");
            Assert.NotEqual(first, web.SetupToken);
            var (code, output, _) = await WebProcess.RunAsync("", "setup-token", "--data-dir", folder.Path);
            Assert.Equal(0, code);
            var caller = new WebCaller(web.Address);
            Assert.Equal(401, (await caller.PostAsync("/v1/auth/setup", new { setup_token = web.SetupToken, name = "ada", password = RunningWeb.Password })).Status);
            Assert.Equal(201, (await caller.PostAsync("/v1/auth/setup", new { setup_token = output.Trim(), name = "ada", password = RunningWeb.Password })).Status);
            var (after, _, errors) = await WebProcess.RunAsync("", $"--data-dir={folder.Path}", "setup-token");
            Assert.True(after == 1 && errors.Contains("superadmin already", StringComparison.Ordinal), errors);
            Assert.Equal(0, await web.StopAsync());
        }

        await using (var web = await WebProcess.ServingAsync(folder.Path))
        {
            Assert.Equal("False", (await new WebCaller(web.Address).GetAsync("/v1/auth/status"))["setup_required"]);
            Assert.DoesNotContain("Setup token", web.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ResetPassword_WorksWithAndWithoutAServer()
    {
        using var folder = new DataFolder();
        await using (var web = await WebProcess.ServingAsync(folder.Path))
        {
            await Eventually.Holds(() => web.Text.Contains("Setup token", StringComparison.Ordinal), "the token is printed");
            var caller = new WebCaller(web.Address);
            await caller.PostAsync("/v1/auth/setup", new { setup_token = web.SetupToken, name = "ada", password = RunningWeb.Password });
            var (code, output, errors) = await WebProcess.RunAsync("", "reset-password", "ada", "--data-dir", folder.Path);
            Assert.True(code == 0, errors);
            Assert.Equal("True", (await caller.PostAsync("/v1/auth/sign-in", new { name = "ada", password = output.Trim() }))["must_change_password"]);
            // A kill leaves the socket's file behind; it must not be taken for a server.
            await web.StopAsync("KILL");
        }

        Assert.True(File.Exists(DataDirectory.ControlSocketOf(folder.Path)));
        var offline = await WebProcess.RunAsync("blue boats drift home\n", "reset-password", "ada", "--password-stdin", "--data-dir", folder.Path);
        Assert.Equal((0, "", ""), offline);
        var weak = await WebProcess.RunAsync("password1234\n", "reset-password", "ada", "--password-stdin", "--data-dir", folder.Path);
        Assert.Equal(1, weak.Code);
        Assert.Equal(1, (await WebProcess.RunAsync("", "reset-password", "eve", "--data-dir", folder.Path)).Code);
        await using (var web = await WebProcess.ServingAsync(folder.Path))
        {
            var signedIn = await new WebCaller(web.Address).PostAsync("/v1/auth/sign-in", new { name = "ada", password = "blue boats drift home" });
            Assert.Equal(200, signedIn.Status);
        }

        using var directory = DataDirectory.Open(folder.Path);
        using var db = DbStartup.Open(directory.DatabaseFile);
        Assert.All(db.AuditEntries.Where(entry => entry.Action == "account.password.reset").ToList(), entry => Assert.Equal("local", entry.Via));
    }

    [Fact]
    public async Task SecondServer_IsRefused()
    {
        using var folder = new DataFolder();
        await using var web = await WebProcess.ServingAsync(folder.Path);
        var (code, _, errors) = await WebProcess.RunAsync("", "--data-dir", folder.Path, "--admin-listen", "127.0.0.1:0", "--link-listen", "127.0.0.1:0");
        Assert.True(code == 1 && errors.Contains("in use", StringComparison.Ordinal), errors);
    }

    [Fact]
    public async Task PortInUse_IsOneSentenceAndExit1()
    {
        using var folder = new DataFolder();
        using var other = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        other.Start();
        var (code, output, errors) = await WebProcess.RunAsync("", "--data-dir", folder.Path, "--admin-listen", other.LocalEndpoint.ToString()!, "--link-listen", "127.0.0.1:0");
        Assert.True(code == 1 && output.Length == 0 && errors.Trim().Split('\n').Length == 1, errors);
    }

    [Fact]
    public async Task AuditPrune_CountsAndRemoves()
    {
        using var folder = new DataFolder();
        await using (var web = await WebProcess.ServingAsync(folder.Path))
        {
            var trial = await WebProcess.RunAsync("", "audit", "prune", "--before", "2999-01-01T00:00:00Z", "--dry-run", "--data-dir", folder.Path);
            Assert.Equal((0, "1"), (trial.Code, trial.Output.Trim()));
        }

        var pruned = await WebProcess.RunAsync("", "audit", "prune", "--before", "2999-01-01T00:00:00Z", "--data-dir", folder.Path);
        Assert.Equal((0, "1"), (pruned.Code, pruned.Output.Trim()));
        Assert.Equal(2, (await WebProcess.RunAsync("", "audit", "prune", "--before", "soon", "--data-dir", folder.Path)).Code);
    }

    [Theory]
    [InlineData("frobnicate")]
    [InlineData("--no-such-flag")]
    [InlineData("reset-password")]
    [InlineData("--admin-listen")]
    [InlineData("--log-level=loud")]
    public async Task AskedWrongly_EndsWith2AndSaysSo(params string[] arguments)
    {
        using var folder = new DataFolder();
        var (code, output, errors) = await WebProcess.RunAsync("", [.. arguments, $"--data-dir={folder.Path}"]);
        Assert.Equal((2, ""), (code, output));
        Assert.NotEmpty(errors);
    }

    [Fact]
    public async Task ControlSocket_ServesNothingElseAndNobodyElseServesIt()
    {
        await using var web = await RunningWeb.StartAsync();
        Assert.Equal(404, (await web.Nobody.PostAsync("/control/run", new { words = new[] { "setup-token" } })).Status);
        var curl = await CommandRun.RunAsync("curl", ["-s", "-o", "/dev/null", "-w", "%{http_code}", "--unix-socket", DataDirectory.ControlSocketOf(web.DataDir), "http://x/v1/auth/status"]);
        Assert.Equal("404", curl.Output.Trim());
    }
}

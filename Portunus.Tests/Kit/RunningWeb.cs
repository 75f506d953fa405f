using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Portunus.Web.Accounts;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Options;
using Portunus.Web.Shell;

namespace Portunus.Tests.Kit;

/// <summary>The control plane in this process, on a real port and a real store, with cheap password hashes.</summary>
internal sealed class RunningWeb : IAsyncDisposable
{
    /// <summary>Good for every rule about passwords.</summary>
    public const string Password = "green horses run uphill";

    private readonly DataFolder _folder = new();
    private readonly DataDirectory _directory;
    private readonly WebApplication _app;
    private readonly StringWriter _log = new();
    private readonly TextWriter _shared;
    private int _made;

    private RunningWeb(Func<WebOptions, WebOptions>? tweak, Func<ShellOptions, ShellOptions>? tweakShell, TimeProvider? clock)
    {
        _shared = TextWriter.Synchronized(_log);
        _directory = DataDirectory.Open(_folder.Path);
        DbStartup.Prepare(_directory, clock ?? TimeProvider.System);
        var options = new WebOptions { DataDir = _folder.Path, AdminListen = new(System.Net.IPAddress.Loopback, 0), LinkListen = new(System.Net.IPAddress.Loopback, 0), MetricsListen = new(System.Net.IPAddress.Loopback, 0), LogLevel = Microsoft.Extensions.Logging.LogLevel.Debug };
        options = tweak?.Invoke(options) ?? options;
        var shell = WebServer.Shell(options) with { Rate = (100_000, 100_000), TryRate = (100_000, 100_000) };
        _app = WebServer.Build(
            options, _directory, WebServer.Accounts(options) with { HashIterations = 1000 }, tweakShell?.Invoke(shell) ?? shell, clock ?? TimeProvider.System, _shared);
    }

    public Uri Address { get; private set; } = new("http://none.invalid");

    /// <summary>Where edges connect.</summary>
    public Uri LinkAddress => new($"https://127.0.0.1:{Services.GetRequiredService<Portunus.Web.Edges.ILinkEnd>().Port}");

    /// <summary>What they know it by.</summary>
    public Portunus.Shared.Link.ServerPin Pin => Services.GetRequiredService<Portunus.Web.Edges.ILinkEnd>().Pins[0];

    /// <summary>For requests to where edges connect: any certificate will do.</summary>
    public static HttpClient AnyHttps() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        SslOptions = new System.Net.Security.SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
    });

    public IServiceProvider Services => _app.Services;

    public string DataDir => _folder.Path;

    /// <summary>Everything logged so far.</summary>
    public string Log => _log.ToString();

    /// <summary>A caller without any credential.</summary>
    public WebCaller Nobody => new(Address);

    public static async Task<RunningWeb> StartAsync(
        Func<WebOptions, WebOptions>? tweak = null, Func<ShellOptions, ShellOptions>? tweakShell = null, TimeProvider? clock = null)
    {
        var web = new RunningWeb(tweak, tweakShell, clock);
        await web._app.StartAsync();
        web.Address = new Uri(ServeCommand.AdminAddress(web._app).Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal));
        return web;
    }

    public PortunusDb OpenDb() => DbStartup.Open(_directory.DatabaseFile);

    /// <summary>A fresh setup token, as the start prints one.</summary>
    public async Task<string> SetupTokenAsync() =>
        (await Services.GetRequiredService<SetupTokens>().RotateAsync(Actor.System, CancellationToken.None)).Value;

    /// <summary>A superadmin named <c>root</c> with a write token; the first call makes it over the first run.</summary>
    public async Task<WebCaller> SuperadminAsync()
    {
        if (Interlocked.Increment(ref _made) == 1)
        {
            var made = await Nobody.PostAsync("/v1/auth/setup", new { setup_token = await SetupTokenAsync(), name = "root", password = Password });
            Assert.Equal(201, made.Status);
        }

        return await TokenAsync(await SignInAsync("root"));
    }

    /// <summary>Somebody of a role, with a write token.</summary>
    public async Task<WebCaller> AccountAsync(WebCaller superadmin, string name, string role = "user") =>
        await TokenAsync(await BrowserAsync(superadmin, name, role));

    /// <summary>Somebody of a role, signed in by cookie.</summary>
    public async Task<WebCaller> BrowserAsync(WebCaller superadmin, string name, string role = "user")
    {
        var made = await superadmin.PostAsync("/v1/accounts", new { name, role, password = Password });
        Assert.Equal(201, made.Status);
        return await SignInAsync(name);
    }

    public async Task<WebCaller> SignInAsync(string name, string password = Password)
    {
        var browser = Nobody;
        var signedIn = await browser.PostAsync("/v1/auth/sign-in", new { name, password });
        Assert.True(signedIn.Status == 200, signedIn.Text);
        return browser.WithCookie(signedIn.SetCookie);
    }

    public async Task<WebCaller> TokenAsync(WebCaller browser, string scope = "write")
    {
        var made = await browser.PostAsync("/v1/me/tokens", new { name = "test", scope });
        Assert.True(made.Status == 201, made.Text);
        return Nobody.WithToken(made.Body.GetProperty("secret").GetString()!);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _directory.Dispose();
        using (var pool = new SqliteConnection(SqlitePragmas.ConnectionString(_directory.DatabaseFile)))
        {
            SqliteConnection.ClearPool(pool);
        }

        _folder.Dispose();
    }
}

namespace Portunus.Tests.Kit;

/// <summary>The control plane and one edge, each a process of its own, the edge enrolled as people do it.</summary>
internal sealed class LinkedProcesses : IAsyncDisposable
{
    private readonly DataFolder _data = new();
    private readonly TempFolder _folder = new();
    private readonly int _admin = FreePorts.Take();
    private readonly int _link = FreePorts.Take();

    private LinkedProcesses()
    {
    }

    public WebProcess Web { get; private set; } = null!;

    public EdgeProcess Edge { get; private set; } = null!;

    /// <summary>A superadmin.</summary>
    public WebCaller Root { get; private set; } = null!;

    public string EdgeId { get; private set; } = "";

    public static async Task<LinkedProcesses> StartAsync()
    {
        var both = new LinkedProcesses();
        await both.ServeAsync();
        both.Root = await both.SignInAsync();
        var made = await both.Root.PostAsync("/v1/edges", new { name = "north" });
        Assert.True(made.Status == 201, made.Text);
        both.EdgeId = made["id"];
        var code = await both.Root.PostAsync($"/v1/edges/{both.EdgeId}/enrolments", new { minutes = 5 });
        Assert.True(code.Status == 201, code.Text);
        var enrolled = await CommandRun.RunAsync(EdgeProcess.Program, ["enroll", code["uri"], "--out", both._folder.File("edge.json")]);
        Assert.True(enrolled.ExitCode == 0, enrolled.Output + enrolled.Errors);
        both.Run();
        await Eventually.Holds(async () => (await both.EdgeAsync()).Body.GetProperty("link").GetProperty("connected").GetBoolean(), "the edge is connected");
        return both;
    }

    public Task<WebAnswer> EdgeAsync() => Root.GetAsync($"/v1/edges/{EdgeId}");

    /// <summary>The edge, on what it has on disk.</summary>
    public void Run() => Edge = EdgeProcess.Start("run", "--credentials", _folder.File("edge.json"), "--state-dir", _folder.File("state"));

    /// <summary>The control plane, where it was before.</summary>
    public async Task ServeAsync() => Web = await WebProcess.ServingAsync(_data.Path, "--admin-listen", $"127.0.0.1:{_admin}", "--link-listen", $"127.0.0.1:{_link}");

    /// <summary>Gone at once.</summary>
    public async Task KillWebAsync()
    {
        await Web.SignalAsync("KILL");
        await Web.DisposeAsync();
    }

    public Task<WebAnswer> CreateAsync(int port, int target, string wait = "30s") => Root.PostAsync(
        $"/v1/rules?wait={wait}", new { edge = EdgeId, listen_address = "127.0.0.1", listen_port = port, target = $"127.0.0.1:{target}" });

    public async ValueTask DisposeAsync()
    {
        await Edge.DisposeAsync();
        await Web.DisposeAsync();
        _folder.Dispose();
        _data.Dispose();
    }

    private async Task<WebCaller> SignInAsync()
    {
        // Printed, while that it serves is logged: two streams, in any order.
        await Eventually.Holds(() => Web.Text.Contains("Setup token", StringComparison.Ordinal), "the setup token is printed");
        var nobody = new WebCaller(Web.Address);
        var made = await nobody.PostAsync("/v1/auth/setup", new { setup_token = Web.SetupToken, name = "root", password = RunningWeb.Password });
        Assert.True(made.Status == 201, made.Text);
        var signedIn = await nobody.PostAsync("/v1/auth/sign-in", new { name = "root", password = RunningWeb.Password });
        Assert.True(signedIn.Status == 200, signedIn.Text);
        var token = await nobody.WithCookie(signedIn.SetCookie).PostAsync("/v1/me/tokens", new { name = "test", scope = "write" });
        Assert.True(token.Status == 201, token.Text);
        return nobody.WithToken(token["secret"]);
    }
}

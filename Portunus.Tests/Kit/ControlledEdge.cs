using System.Net;
using System.Net.Sockets;

namespace Portunus.Tests.Kit;

/// <summary>A control plane and one enrolled edge, each a process of its own, as somebody sets them up by REST and the two programs' own commands.</summary>
internal sealed class ControlledEdge : IAsyncDisposable
{
    private readonly DataFolder _data = new();
    private readonly TempFolder _folder = new();
    private readonly int _linkPort = FreePorts.Take();

    private ControlledEdge()
    {
    }

    public WebProcess Web { get; private set; } = null!;

    public EdgeProcess Edge { get; private set; } = null!;

    /// <summary>A superadmin.</summary>
    public WebCaller Root { get; private set; } = null!;

    /// <summary>Its id.</summary>
    public string EdgeId { get; private set; } = "";

    public string Credentials => _folder.File("edge.json");

    /// <summary>Enrolled and linked.</summary>
    public static async Task<ControlledEdge> StartAsync()
    {
        var both = new ControlledEdge();
        await both.StartWebAsync();
        await both.EnterAsync();
        var made = await both.Root.PostAsync("/v1/edges", new { name = "north" });
        Assert.True(made.Status == 201, made.Text);
        both.EdgeId = made["id"];
        var enrolled = await CommandRun.RunAsync(EdgeProcess.Program, ["enroll", await both.LineAsync(), "--out", both.Credentials]);
        Assert.True(enrolled.ExitCode == 0, enrolled.Errors);
        both.Edge = both.StartEdge("state");
        await both.Edge.SaysAsync("The link to ");
        return both;
    }

    /// <summary>Another process with the edge's credentials.</summary>
    public EdgeProcess StartEdge(string state) => EdgeProcess.Start("run", "--credentials", Credentials, "--state-dir", _folder.File(state));

    /// <summary>A fresh enrolment line for the edge.</summary>
    public async Task<string> LineAsync()
    {
        var code = await Root.PostAsync($"/v1/edges/{EdgeId}/enrolments", new { });
        Assert.True(code.Status == 201, code.Text);
        return code["uri"];
    }

    /// <summary>Starts the control plane, again where it was.</summary>
    public async Task StartWebAsync()
    {
        Web = await WebProcess.ServingAsync(_data.Path, "--link-listen", $"127.0.0.1:{_linkPort}");
        if (Root is { Token: { } token })
        {
            Root = new WebCaller(Web.Address, token);
        }
    }

    /// <summary>Makes a rule by REST and waits until the edge has told that it listens, which it does once the plan is on its disk.</summary>
    public async Task PutAsync(int port, int target)
    {
        await AskAsync(port, target, "?wait=30s");
        Assert.True(IsOpen(port), "the rule listens");
    }

    /// <summary>Makes a rule by REST.</summary>
    public async Task AskAsync(int port, int target, string query = "")
    {
        var made = await Root.PostAsync(
            $"/v1/rules{query}", new { edge = EdgeId, name = $"r{port}", listen_address = "127.0.0.1", listen_port = port, target = $"127.0.0.1:{target}" });
        Assert.True(made.Status == 201, made.Text);
    }

    /// <summary>Whether somebody listens there.</summary>
    public static bool IsOpen(int port)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Edge is { } edge)
        {
            await edge.DisposeAsync();
        }

        if (Web is { } web)
        {
            await web.DisposeAsync();
        }

        _folder.Dispose();
        _data.Dispose();
    }

    private async Task EnterAsync()
    {
        await Eventually.Holds(() => Web.Text.Contains("Setup token", StringComparison.Ordinal), "the token is printed");
        var nobody = new WebCaller(Web.Address);
        Assert.Equal(201, (await nobody.PostAsync("/v1/auth/setup", new { setup_token = Web.SetupToken, name = "root", password = RunningWeb.Password })).Status);
        var signedIn = await nobody.PostAsync("/v1/auth/sign-in", new { name = "root", password = RunningWeb.Password });
        Assert.True(signedIn.Status == 200, signedIn.Text);
        var made = await nobody.WithCookie(signedIn.SetCookie).PostAsync("/v1/me/tokens", new { name = "test", scope = "write" });
        Assert.True(made.Status == 201, made.Text);
        Root = nobody.WithToken(made["secret"]);
    }
}

using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;

namespace Portunus.Tests.Kit;

/// <summary>The control plane and one edge, each a process of its own, the edge enrolled as people do it.</summary>
internal sealed class LinkedProcesses : IAsyncDisposable
{
    private readonly DataFolder _data = new();
    private readonly TempFolder _folder = new();
    private readonly int _admin = FreePorts.Take();
    private readonly int _link = FreePorts.Take();

    private readonly LinkCable? _cable;
    private readonly string _state;

    private LinkedProcesses(LinkCable? cable, string? state) => (_cable, _state) = (cable, state ?? _folder.File("state"));

    public WebProcess Web { get; private set; } = null!;

    public EdgeProcess Edge { get; private set; } = null!;

    /// <summary>A superadmin.</summary>
    public WebCaller Root { get; private set; } = null!;

    public string EdgeId { get; private set; } = "";

    /// <summary>The control plane's data directory.</summary>
    public string Data => _data.Path;

    public string Credentials => _folder.File("edge.json");

    /// <param name="cable">The two are at its ends; otherwise they are on one machine.</param>
    /// <param name="state">The edge's state directory, where it shall be another one than usual.</param>
    public static async Task<LinkedProcesses> StartAsync(LinkCable? cable = null, string? state = null)
    {
        var both = new LinkedProcesses(cable, state);
        await both.ServeAsync();
        both.Root = await both.SignInAsync();
        var made = await both.Root.PostAsync("/v1/edges", new { name = "north" });
        Assert.True(made.Status == 201, made.Text);
        both.EdgeId = made["id"];
        await both.EnrolAsync();
        both.Run();
        await both.ConnectedAsync();
        return both;
    }

    /// <summary>Makes a line and carries it out on the edge's machine.</summary>
    public async Task EnrolAsync()
    {
        var code = await Root.PostAsync($"/v1/edges/{EdgeId}/enrolments", new { minutes = 5 });
        Assert.True(code.Status == 201, code.Text);
        var line = _cable is null ? code["uri"] : code["uri"].Replace("127.0.0.1", LinkCable.PlaneAddress, StringComparison.Ordinal);
        var enrolled = await OnEdge(() => CommandRun.RunAsync(EdgeProcess.Program, ["enroll", line, "--out", Credentials, "--force"]));
        Assert.True(enrolled.ExitCode == 0, enrolled.Output + enrolled.Errors);
    }

    public Task ConnectedAsync() => Eventually.Holds(IsConnectedAsync, "the edge is connected");

    /// <summary>Whether the control plane has a link to it, and since when that is so.</summary>
    public async Task<(bool Connected, string? Since)> LinkAsync() =>
        (await EdgeAsync()).Body.GetProperty("link") is var link ? (link.GetProperty("connected").GetBoolean(), link.GetProperty("since").ToString()) : default;

    /// <summary>A verb on the control plane's machine, which must do.</summary>
    public async Task<string> VerbAsync(params string[] arguments) => (await WebVerb.RunAsync(_data.Path, arguments)).Ends(0).Output;

    public Task<WebAnswer> EdgeAsync() => Root.GetAsync($"/v1/edges/{EdgeId}");

    /// <summary>The edge, on what it has on disk.</summary>
    public void Run() => Edge = OnEdge(() => EdgeProcess.Start("run", "--credentials", Credentials, "--state-dir", _state));

    /// <summary>Another machine with a copy of the edge's credentials and state.</summary>
    public EdgeProcess RunClone()
    {
        var (credentials, state) = (_folder.File("clone.json"), Directory.CreateDirectory(_folder.File("clone"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
        File.Copy(Credentials, credentials);
        File.Copy(Path.Combine(_state, "plan.json"), Path.Combine(state.FullName, "plan.json"));
        return EdgeProcess.Start("run", "--credentials", credentials, "--state-dir", state.FullName);
    }

    /// <summary>The control plane, where it was before.</summary>
    public async Task ServeAsync()
    {
        string[] listen = ["--admin-listen", $"127.0.0.1:{_admin}", "--link-listen", $"{(_cable is null ? "127.0.0.1" : LinkCable.PlaneAddress)}:{_link}"];
        Web = await (_cable is null ? WebProcess.ServingAsync(_data.Path, listen) : _cable.Plane.Do(() => WebProcess.ServingAsync(_data.Path, listen)));
    }

    /// <summary>Does something where the edge is.</summary>
    public T OnEdge<T>(Func<T> act) => _cable is null ? act() : _cable.Edge.Do(act);

    /// <summary>What the control plane says of the link.</summary>
    public async Task<bool> IsConnectedAsync() => (await EdgeAsync()).Body.GetProperty("link").GetProperty("connected").GetBoolean();

    /// <summary>What the ledger holds for a rule.</summary>
    public LedgerCount Ledger(string rule) => Rows(rule).Aggregate(default(LedgerCount), (sum, total) => sum + total.Count());

    /// <summary>Whether the ledger holds the last word of every edge that has ended, and the one that runs has passed nothing.</summary>
    public bool IsSettled(string rule) => Rows(rule).TrueForAll(total => total.Boot == Guid.Empty || total.BytesIn == 0);

    /// <summary>Gone at once.</summary>
    public async Task KillWebAsync()
    {
        await Web.SignalAsync("KILL");
        await Web.DisposeAsync();
    }

    public Task<WebAnswer> CreateAsync(int port, int target, string wait = "30s", string protocol = "tcp") => Root.PostAsync(
        $"/v1/rules?wait={wait}", new { edge = EdgeId, protocol, listen_address = "127.0.0.1", listen_port = port, target = $"127.0.0.1:{target}" });

    public async ValueTask DisposeAsync()
    {
        await (Edge?.DisposeAsync() ?? default);
        await (Web?.DisposeAsync() ?? default);
        _folder.Dispose();
        _data.Dispose();
    }

    private List<RuleTotal> Rows(string rule)
    {
        Assert.True(RuleId.TryParse(rule, out var id));
        using var db = DbStartup.Open(DataDirectory.DatabaseFileOf(_data.Path));
        var rows = db.RuleTotals.AsNoTracking().Where(total => total.RuleId == id).ToList();
        SqliteConnection.ClearPool((SqliteConnection)db.Database.GetDbConnection());
        return rows;
    }

    private async Task<WebCaller> SignInAsync()
    {
        // Printed, while that it serves is logged: two streams, in any order.
        await Eventually.Holds(() => Web.Text.Contains("Setup token", StringComparison.Ordinal), "the setup token is printed");
        var nobody = new WebCaller(Web.Address, http: _cable?.Http);
        var made = await nobody.PostAsync("/v1/auth/setup", new { setup_token = Web.SetupToken, name = "root", password = RunningWeb.Password });
        Assert.True(made.Status == 201, made.Text);
        var signedIn = await nobody.PostAsync("/v1/auth/sign-in", new { name = "root", password = RunningWeb.Password });
        Assert.True(signedIn.Status == 200, signedIn.Text);
        var token = await nobody.WithCookie(signedIn.SetCookie).PostAsync("/v1/me/tokens", new { name = "test", scope = "write" });
        Assert.True(token.Status == 201, token.Text);
        return nobody.WithToken(token["secret"]);
    }
}

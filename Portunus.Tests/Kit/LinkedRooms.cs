using Microsoft.Extensions.DependencyInjection;
using Portunus.Shared.Ids;
using Portunus.Shared.Link;
using Portunus.Shared.Plans;
using Portunus.Web.Database.Tables;
using Portunus.Web.Plans;
using EdgeRow = Portunus.Web.Database.Tables.Edge;

namespace Portunus.Tests.Kit;

/// <summary>
/// Rules over REST, plans over a real link and a real edge: all that is between a request and a bound port, with a stand-in
/// only for who may connect.
/// </summary>
internal sealed class LinkedRooms : IAsyncDisposable
{
    private readonly Line _line;

    private LinkedRooms(RoomHost host, LinkServer server, Line line, EdgeRow edge, Account root)
    {
        (Host, Server, _line, Edge, Root) = (host, server, line, edge, root);
        Listen();
        Machine = new LinkedEdge(server);
    }

    public RoomHost Host { get; }

    public LinkServer Server { get; private set; }

    public EdgeRow Edge { get; }

    public Account Root { get; }

    public LinkedEdge Machine { get; }

    public PlanOutcomes Outcomes => Host.Services.GetRequiredService<PlanOutcomes>();

    public static async Task<LinkedRooms> StartAsync()
    {
        var line = new Line();
        var host = await RoomHost.StartAsync(line);
        var rooms = new LinkedRooms(host, await LinkServer.StartAsync(), line, await host.Store.AddEdgeAsync("north"), await host.Store.AddAccountAsync("root", AccountRole.Superadmin));
        await Eventually.Holds(() => rooms.Outcomes.AppliedBy(rooms.Edge.Id) is not null, "the edge has its first plan");
        return rooms;
    }

    /// <summary>The link goes down, and stays so until it is served again.</summary>
    public async Task CutAsync()
    {
        _line.Server = null;
        await Server.DisposeAsync();
    }

    /// <summary>Where it was before.</summary>
    public async Task ServeAgainAsync()
    {
        Server = await LinkServer.StartAsync(Server.Key, Server.Port);
        Listen();
    }

    /// <summary>Makes a rule and waits for the edge's word on it.</summary>
    public async Task<RoomHost.Answer> CreateAsync(int port, int target, Account? owner = null, string more = "", string wait = "30s")
    {
        var made = await Host.SendAsync(owner ?? Root, "POST", $"/v1/rules?wait={wait}", Rule(port, target, more));
        Assert.True(made.Status == 201, made.Body.GetRawText());
        return made;
    }

    public async Task<RoomHost.Answer> PatchAsync(RoomHost.Answer rule, string patch, string query = "wait=30s", Account? actor = null)
    {
        var changed = await Host.SendAsync(actor ?? Root, "PATCH", $"/v1/rules/{rule["id"]}?{query}", patch, "*");
        Assert.True(changed.Status == 200, changed.Body.GetRawText());
        return changed;
    }

    public async Task<string> StateAsync(RoomHost.Answer rule) => State(await Host.SendAsync(Root, "GET", $"/v1/rules/{rule["id"]}"));

    public static string State(RoomHost.Answer rule) => rule.Body.GetProperty("status").GetProperty("applied").GetProperty("state").GetString()!;

    public async ValueTask DisposeAsync()
    {
        await Machine.DisposeAsync();
        await Server.DisposeAsync();
        await Host.DisposeAsync();
    }

    private string Rule(int port, int target, string more) =>
        $$"""{"edge":"{{Edge.Id}}","listen_address":"127.0.0.1","listen_port":{{port}},"target":"127.0.0.1:{{target}}"{{(more.Length > 0 ? "," + more : "")}}}""";

    private void Listen()
    {
        var publisher = Host.Services.GetRequiredService<PlanPublisher>();
        Server.Reporting = report => Outcomes.Record(Edge.Id, report);
        Server.Greeted = hello =>
        {
            _line.Server = Server;
            publisher.Connected(Edge.Id, hello.PlanEpoch is { } epoch ? new PlanRevision(epoch, hello.PlanNumber) : null);
        };
    }

    /// <summary>Hands plans to whoever is connected.</summary>
    internal sealed class Line : IPlanSender
    {
        public LinkServer? Server { get; set; }

        public bool IsConnected(EdgeId edge) => Server is not null;

        public Task SendAsync(EdgeId edge, PlanMessage plan, CancellationToken cancel) => Server?.Edges.ApplyPlan(plan) ?? throw new IOException("The link is down.");
    }
}

using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Portunus.Tests.Kit;
using Portunus.Web.Database.Tables;

namespace Portunus.Tests.Journeys;

/// <summary>From a request to a bound port and back: what was asked happens on the edge, and what is told of it is so.</summary>
public sealed class PlanJourneyTests : IAsyncLifetime, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private LinkedRooms _rooms = null!;
    private LoopbackTarget _target = null!;

    public async Task InitializeAsync()
    {
        _target = LoopbackTarget.Echo();
        _rooms = await LinkedRooms.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _rooms.DisposeAsync();
        await _target.DisposeAsync();
    }

    public void Dispose() => _stop.Dispose();

    [Fact]
    public async Task Rule_LivesFromRequestToRemoval()
    {
        var (first, second) = (FreePorts.Take(), FreePorts.Take());
        var rule = await CreateAsync(first);
        Assert.Equal("listening", LinkedRooms.State(rule));
        Assert.True(await Peer.IsServedAsync(first));

        // A change of the port keeps the flows of the old one.
        using var kept = await Peer.ConnectAsync(first);
        Assert.True(await kept.EchoesAsync());
        Assert.Equal("listening", LinkedRooms.State(await _rooms.PatchAsync(rule, $$"""{"listen_port":{{second}}}""")));
        Assert.True(await Peer.IsServedAsync(second));
        Assert.True(await kept.EchoesAsync());
        await Assert.ThrowsAsync<SocketException>(() => Peer.ConnectAsync(first));

        // Disabling drains: the flow goes on, and once it is over the rule has stopped.
        Assert.Equal("draining", LinkedRooms.State(await _rooms.PatchAsync(rule, """{"enabled":false}""")));
        await Assert.ThrowsAsync<SocketException>(() => Peer.ConnectAsync(second));
        Assert.True(await kept.EchoesAsync());
        kept.Dispose();
        await Eventually.Holds(async () => await _rooms.StateAsync(rule) == "stopped", "the rule has stopped");

        Assert.Equal("listening", LinkedRooms.State(await _rooms.PatchAsync(rule, """{"enabled":true}""")));
        using var last = await Peer.ConnectAsync(second);
        Assert.True(await last.EchoesAsync());
        Assert.Equal(204, (await _rooms.Host.SendAsync(_rooms.Root, "DELETE", $"/v1/rules/{rule["id"]}?flows=drain&deadline=1h")).Status);
        await Eventually.Holds(() => _rooms.Outcomes.List(_rooms.Edge.Id).Single().Rule.Standing == "draining", "the removed rule drains");
        Assert.True(await last.EchoesAsync());
        Assert.Equal(1, await TombstonesAsync());
        last.Dispose();
        await Eventually.Holds(async () => await TombstonesAsync() == 0, "the removed rule is forgotten once it has stopped");
    }

    [Fact]
    public async Task PortInUse_IsToldAndListensByItselfOnceItIsFree()
    {
        var port = FreePorts.Take();
        using var holder = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        holder.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, port));
        holder.Listen();
        var applied = (await CreateAsync(port)).Body.GetProperty("status").GetProperty("applied");
        Assert.Equal(("refused", "port_in_use", port), (applied.GetProperty("state").GetString(), applied.GetProperty("reason").GetString(), applied.GetProperty("port").GetInt32()));
        Assert.Contains(port.ToString(), applied.GetProperty("text").GetString(), StringComparison.Ordinal);

        holder.Dispose();
        await Eventually.Holds(async () => (await _rooms.Host.SendAsync(_rooms.Root, "GET", "/v1/rules?applied=listening")).Items("id").Any(), "it listens by itself");
        Assert.True(await Peer.IsServedAsync(port));
    }

    [Fact]
    public async Task GrantThatIsTakenBackAndOwnerThatIsDisabled_CutAtOnce()
    {
        var (port, other) = (FreePorts.Take(), FreePorts.Take());
        var (tenant, away) = (await TenantAsync("tenant"), await TenantAsync("away"));
        var (rule, theirs) = (await CreateAsync(port, tenant), await CreateAsync(other, away));
        using var peer = await Peer.ConnectAsync(port);
        using var bystander = await Peer.ConnectAsync(other);
        Assert.True(await peer.EchoesAsync() && await bystander.EchoesAsync());

        var grant = (await _rooms.Host.SendAsync(_rooms.Root, "GET", $"/v1/grants?account={tenant.Id}")).Items("id").Single();
        Assert.Equal(200, (await _rooms.Host.SendAsync(_rooms.Root, "DELETE", $"/v1/grants/{grant}", ifMatch: "*")).Status);
        Assert.Empty(await peer.ReceiveToResetAsync());
        await Eventually.Holds(async () => await _rooms.StateAsync(rule) == "stopped", "the rule has stopped");
        Assert.Equal("not_permitted", (await _rooms.Host.SendAsync(_rooms.Root, "GET", $"/v1/rules/{rule["id"]}")).Body.GetProperty("status").GetProperty("desired").GetProperty("state").GetString());
        Assert.True(await bystander.EchoesAsync());

        await using (var write = await _rooms.Host.Store.Lane.BeginAsync(CancellationToken.None))
        {
            (await write.Db.Accounts.SingleAsync(account => account.Id == away.Id)).Disabled = true;
            await Portunus.Web.Database.PlanRevisions.RaiseForOwnerAsync(write.Db, away.Id, TimeProvider.System.GetUtcNow(), CancellationToken.None);
            await write.CommitAsync();
        }

        Assert.Empty(await bystander.ReceiveToResetAsync());
        await Eventually.Holds(async () => await _rooms.StateAsync(theirs) == "stopped", "the disabled owner's rule has stopped");
    }

    [Fact]
    public async Task RuleThatExpires_IsCutAndToldSo()
    {
        var port = FreePorts.Take();
        var rule = await _rooms.CreateAsync(port, _target.Port, more: $"\"expires_at\":\"{TimeProvider.System.GetUtcNow().AddSeconds(4):O}\"");
        using var peer = await Peer.ConnectAsync(port);
        Assert.True(await peer.EchoesAsync());
        Assert.Empty(await peer.ReceiveToResetAsync());
        await Eventually.Holds(async () => await _rooms.StateAsync(rule) == "stopped", "the rule has stopped");
    }

    [Fact]
    public async Task LinkThatIsDown_LosesNoChange_AndStopsNoFlow()
    {
        var (kept, gone, moved, made) = (FreePorts.Take(), FreePorts.Take(), FreePorts.Take(), FreePorts.Take());
        var (keeps, goes) = (await CreateAsync(kept), await CreateAsync(gone));
        using var peer = await Peer.ConnectAsync(kept);
        Assert.True(await peer.EchoesAsync());
        await _rooms.CutAsync();

        Assert.Equal(204, (await _rooms.Host.SendAsync(_rooms.Root, "DELETE", $"/v1/rules/{goes["id"]}?flows=cut")).Status);
        Assert.Equal("waiting", LinkedRooms.State(await _rooms.CreateAsync(made, _target.Port, wait: "0")));
        Assert.Equal("waiting", LinkedRooms.State(await _rooms.PatchAsync(keeps, $$"""{"listen_port":{{moved}}}""", "wait=0")));
        Assert.True(await peer.EchoesAsync() && await Peer.IsServedAsync(kept) && await Peer.IsServedAsync(gone));

        await _rooms.ServeAgainAsync();
        await Eventually.Holds(async () => (await _rooms.Host.SendAsync(_rooms.Root, "GET", "/v1/rules?applied=listening")).Items("id").Count() == 2, "the edge has taken it all up");
        Assert.True(await peer.EchoesAsync() && await Peer.IsServedAsync(moved) && await Peer.IsServedAsync(made));
        await Assert.ThrowsAsync<SocketException>(() => Peer.ConnectAsync(gone));
    }

    [Fact]
    public async Task ManyRandomChanges_TouchNoOtherFlowAndConverge()
    {
        const int Changes = 1000;
        var random = new Random(5);
        var steady = FreePorts.Take();
        await CreateAsync(steady);
        var streams = Enumerable.Range(0, 4).Select(_ => StreamAsync(steady)).ToList();
        var first = FreePorts.Take(24);
        var rules = new Dictionary<int, RoomHost.Answer>();
        for (var change = 0; change < Changes; change++)
        {
            var port = first + random.Next(24);
            if (!rules.TryGetValue(port, out var rule))
            {
                rules[port] = await _rooms.CreateAsync(port, _target.Port, wait: "0");
            }
            else if (random.Next(4) == 0)
            {
                Assert.Equal(204, (await _rooms.Host.SendAsync(_rooms.Root, "DELETE", $"/v1/rules/{rule["id"]}?flows=cut")).Status);
                rules.Remove(port);
            }
            else
            {
                var patch = random.Next(3) switch { 0 => """{"enabled":false}""", 1 => """{"enabled":true}""", _ => $$"""{"note":"{{change}}"}""" };
                rules[port] = await _rooms.PatchAsync(rule, patch, "wait=0");
            }
        }

        var wanted = rules.ToDictionary(rule => rule.Value["id"], rule => rule.Value.Body.GetProperty("enabled").GetBoolean() ? "listening" : "stopped");
        await Eventually.Holds(async () =>
        {
            var listed = (await _rooms.Host.SendAsync(_rooms.Root, "GET", "/v1/rules?limit=1000")).Body.GetProperty("items").EnumerateArray();
            return listed.All(rule => !wanted.TryGetValue(rule.GetProperty("id").GetString()!, out var state) || rule.GetProperty("status").GetProperty("applied").GetProperty("state").GetString() == state);
        }, "what is told is what was asked");
        foreach (var (port, rule) in rules)
        {
            Assert.Equal(rule.Body.GetProperty("enabled").GetBoolean(), await ListensAsync(port));
        }

        foreach (var port in Enumerable.Range(first, 24).Except(rules.Keys))
        {
            Assert.False(await ListensAsync(port));
        }

        await Eventually.Within(_stop.CancelAsync());
        foreach (var stream in streams)
        {
            Assert.True(await Eventually.Within(stream) > 0);
        }

        await Eventually.Holds(async () => await TombstonesAsync() == 0, "every removed rule is forgotten");
    }

    /// <summary>Sends random bytes through an echo until told to stop; every one comes back. Answers how many.</summary>
    private async Task<long> StreamAsync(int port)
    {
        using var peer = await Peer.ConnectAsync(port);
        var bytes = 0L;
        while (!_stop.IsCancellationRequested)
        {
            var block = RandomNumberGenerator.GetBytes(64 * 1024);
            var sending = peer.SendAsync(block);
            var back = await peer.ReceiveAsync(block.Length);
            await sending;
            Assert.Equal(SHA256.HashData(block), SHA256.HashData(back));
            bytes += block.Length;
        }

        return bytes;
    }

    private static async Task<bool> ListensAsync(int port)
    {
        try
        {
            (await Peer.ConnectAsync(port)).Dispose();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private Task<RoomHost.Answer> CreateAsync(int port, Account? owner = null) => _rooms.CreateAsync(port, _target.Port, owner);

    private async Task<Account> TenantAsync(string name)
    {
        var tenant = await _rooms.Host.Store.AddAccountAsync(name);
        await _rooms.Host.Store.AddGrantAsync(tenant, _rooms.Edge.Id, change: grant => grant.LocalTargets = true);
        return tenant;
    }

    private async Task<int> TombstonesAsync()
    {
        await using var db = _rooms.Host.Store.CreateDbContext();
        return await db.RuleTombstones.CountAsync();
    }
}

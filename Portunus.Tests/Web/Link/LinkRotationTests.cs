using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Portunus.Shared.Link;
using Portunus.Tests.Kit;
using Portunus.Web.Database;
using Portunus.Web.Edges;
using Portunus.Web.Link;

namespace Portunus.Tests.Web.Link;

public sealed class LinkRotationTests
{
    [Fact]
    public async Task EdgesThatHaveTheNewPin_StayAndTheOthersAreNamed()
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        var old = web.Pin;
        var (here, away) = (await EnrolledRaw.NewAsync(root, web.LinkAddress, "here"), await EnrolledRaw.NewAsync(root, web.LinkAddress, "away"));
        await using var link = await RawLink.GreetedAsync(web.LinkAddress, here.Credential);

        var begun = await root.PostAsync("/v1/link/rotate", new { wait_minutes = 1 });
        Assert.True(begun.Status == 200, begun.Text);
        Assert.Equal(("under_way", old.Text), (begun["standing"], begun["old_pin"]));
        Assert.Equal("rotation_under_way", (await root.PostAsync("/v1/link/rotate", new { })).Code);
        await Eventually.Holds(() => link.Calls("UsePins").Count == 1, "the next pin is announced");
        Assert.Equal([old.Text, begun["new_pin"]], link.Calls("UsePins")[0].EnumerateArray().Select(pin => pin.GetString()));
        await Eventually.Holds(() => Missing(web).Count == 2, "nobody has it yet");

        // Both pins are valid, and who comes now is told of both.
        Assert.Equal(2, (await root.GetAsync("/v1/link")).Body.GetProperty("pins").GetArrayLength());
        await link.InvokeAsync("PinsKept", JsonSerializer.Serialize(new[] { old.Text, begun["new_pin"] }));
        await Eventually.Holds(() => Missing(web) is ["away"], "one has it");
        Assert.Equal(old, web.Pin);
        await using (var late = await RawLink.ConnectAsync(web.LinkAddress, away.Credential))
        {
            var welcome = (await late.HelloAsync()).GetProperty("result").Deserialize(LinkJson.Default.EdgeWelcome)!;
            Assert.Equal([old.Text, begun["new_pin"]], welcome.Pins);
            await late.InvokeAsync("PinsKept", JsonSerializer.Serialize(welcome.Pins));
            await Eventually.Holds(() => web.Pin.Text == begun["new_pin"], "all have it: the key is changed");
        }

        await Eventually.Holds(() => link.Calls("UsePins").Count == 2, "the old pin is taken back");
        Assert.Equal(begun["new_pin"], Assert.Single(link.Calls("UsePins")[1].EnumerateArray()).GetString());
        Assert.False(link.Closed.IsCompleted);
        var told = await root.GetAsync("/v1/link");
        Assert.Equal(("done", 2, 0), (told.Body.GetProperty("rotation").GetProperty("standing").GetString(), told.Body.GetProperty("rotation").GetProperty("ready").GetInt32(), told.Body.GetProperty("rotation").GetProperty("missing").GetArrayLength()));
    }

    [Fact]
    public async Task WhenTheTimeIsOver_TheSwitchComesAndTheAuditLogNamesWhoMissedIt()
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        var old = web.Pin;
        await EnrolledRaw.NewAsync(root, web.LinkAddress, "away");

        await root.PostAsync("/v1/link/rotate", new { wait_minutes = 0 });

        await Eventually.Holds(() => web.Pin != old, "the key is changed");
        await Eventually.Holds(() => web.Services.GetRequiredService<ILinkRotation>().Last!.SwitchedAt is not null, "it is told");
        Assert.Equal(["away"], Missing(web));
        await Eventually.Holds(async () => (await root.GetAsync("/v1/audit?action=link.key.switch")).Text.Contains("\"away\"", StringComparison.Ordinal), "the audit log has it");
        Assert.Equal(403, (await (await web.AccountAsync(root, "watcher", "auditor")).PostAsync("/v1/link/rotate", new { })).Status);
    }

    [Fact]
    public async Task RestartHalfWay_GoesOn()
    {
        using var folder = new DataFolder();
        ServerPin old, next;
        using (var directory = DataDirectory.Open(folder.Path))
        {
            using var keys = LinkKeys.Open(directory, TimeProvider.System);
            old = keys.Pins[0];
            next = keys.Prepare(TimeProvider.System.GetUtcNow().AddMinutes(-5));
        }

        await using var web = await WebProcess.ServingAsync(folder.Path);
        // No edge has to be waited for.
        await Eventually.Holds(() => !File.Exists(Path.Combine(DataDirectory.LinkFolderOf(folder.Path), LinkKeys.NextName)), "the key is changed");
        var line = (await WebVerb.RunAsync(folder.Path, "enroll", "--new", "Oslo", "--address", "h:1")).Ends(0);
        Assert.Contains(next.Text, line.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(old.Text, line.Output, StringComparison.Ordinal);

        // Beside the server by the command line; the edge that was only enrolled is named.
        Assert.True(EnrollUri.TryParse(line.Output, out var uri, out _));
        using var http = RunningWeb.AnyHttps();
        using var content = new StringContent($$"""{"code":"{{uri.Code}}","host":"h","version":"1"}""", System.Text.Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri(web.LinkAddress, LinkRoutes.Enroll), content);
        Assert.Equal(200, (int)answer.StatusCode);
        var verb = (await WebVerb.RunAsync(folder.Path, "link", "rotate-key", "--wait", "0")).Ends(0);
        Assert.Contains("Oslo", verb.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(next.Text, verb.Output, StringComparison.Ordinal);
        await web.StopAsync();
        Assert.Contains("start it first", (await WebVerb.RunAsync(folder.Path, "link", "rotate-key")).Ends(1).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BackupHalfWay_HoldsBothKeys()
    {
        using var folder = new DataFolder();
        using var other = new DataFolder();
        var until = TimeProvider.System.GetUtcNow().AddDays(1);
        IReadOnlyList<ServerPin> pins;
        using (var directory = DataDirectory.Open(folder.Path))
        {
            DbStartup.Prepare(directory, TimeProvider.System);
            using var keys = LinkKeys.Open(directory, TimeProvider.System);
            keys.Prepare(until);
            pins = keys.Pins;
        }

        using var files = new DataFolder();
        var file = Path.Combine(files.Path, "one.backup");
        (await WebVerb.RunAsync(folder.Path, "backup", file)).Ends(0);
        (await WebVerb.RunAsync(other.Path, "restore", file)).Ends(0);

        using var restored = DataDirectory.Open(other.Path);
        using var moved = LinkKeys.Open(restored, TimeProvider.System);
        Assert.Equal(pins, moved.Pins);
        Assert.Equal(until, moved.NextUntil);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(DataDirectory.LinkFolderOf(other.Path), LinkKeys.NextName)));
    }

    private static List<string> Missing(RunningWeb web) => [.. web.Services.GetRequiredService<ILinkRotation>().Last?.Missing.Select(edge => edge.Name) ?? []];
}

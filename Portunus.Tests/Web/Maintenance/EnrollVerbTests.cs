using Portunus.Shared.Link;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Web.Maintenance;

public sealed class EnrollVerbTests
{
    [Fact]
    public async Task BesideAServerAndWithoutOne_PrintsTheSameLine()
    {
        using var folder = new DataFolder();
        string pin;
        await using (var web = await WebProcess.ServingAsync(folder.Path))
        {
            var beside = (await WebVerb.RunAsync(folder.Path, "enroll", "--new", "Oslo", "--address", "edges.example.org:7443")).Ends(0);
            Assert.True(EnrollUri.TryParse(beside.Output, out var line, out var problem), problem);
            Assert.Equal(("edges.example.org", 7443), (line.Host, line.Port));
            pin = line.Pin.Text;
            using var http = RunningWeb.AnyHttps();
            using var content = new StringContent($$"""{"code":"{{line.Code}}","host":"h","version":"1"}""", System.Text.Encoding.UTF8, "application/json");
            using var answer = await http.PostAsync(new Uri(web.LinkAddress, LinkRoutes.Enroll), content);
            Assert.Equal(200, (int)answer.StatusCode);
        }

        var alone = (await WebVerb.RunAsync(folder.Path, "enroll", "--edge", "Oslo", "--minutes", "60", "--address", "[2001:db8::1]:9")).Ends(0);
        Assert.True(EnrollUri.TryParse(alone.Output, out var second, out var why), why);
        Assert.Equal(("2001:db8::1", 9, pin), (second.Host, second.Port, second.Pin.Text));
        Assert.Contains("[2001:db8::1]:9", alone.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AskedWrongly_SaysWhatIsMissing()
    {
        using var folder = new DataFolder();
        await using (await WebProcess.ServingAsync(folder.Path))
        {
            // Makes the store.
        }

        Assert.Contains("--edge", (await WebVerb.RunAsync(folder.Path, "enroll")).Ends(2).Errors, StringComparison.Ordinal);
        Assert.Contains("--address", (await WebVerb.RunAsync(folder.Path, "enroll", "--new", "a")).Ends(2).Errors, StringComparison.Ordinal);
        Assert.Contains("--minutes", (await WebVerb.RunAsync(folder.Path, "enroll", "--new", "a", "--minutes", "0")).Ends(2).Errors, StringComparison.Ordinal);
        Assert.Contains("--address", (await WebVerb.RunAsync(folder.Path, "enroll", "--new", "a", "--address", "nowhere")).Ends(2).Errors, StringComparison.Ordinal);
        Assert.Contains("no such edge", (await WebVerb.RunAsync(folder.Path, "enroll", "--edge", "a", "--address", "h:1")).Ends(1).Errors, StringComparison.Ordinal);
        (await WebVerb.RunAsync(folder.Path, "enroll", "--new", "twin", "--address", "h:1")).Ends(0);
        (await WebVerb.RunAsync(folder.Path, "enroll", "--new", "twin", "--address", "h:1")).Ends(0);
        Assert.Contains("by its id", (await WebVerb.RunAsync(folder.Path, "enroll", "--edge", "twin", "--address", "h:1")).Ends(1).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OptionsOfTheDirectory_SayWhereToConnect()
    {
        using var folder = new DataFolder();
        await using (await WebProcess.ServingAsync(folder.Path))
        {
            // Makes the store.
        }

        await File.WriteAllTextAsync(Path.Combine(folder.Path, "server.toml"), "advertised_address = \"portunus.example.org:7443\"\n");
        var made = (await WebVerb.RunAsync(folder.Path, "enroll", "--new", "Oslo")).Ends(0);
        Assert.StartsWith("portunus://portunus.example.org:7443/", made.Output, StringComparison.Ordinal);
    }
}

using System.Collections.Concurrent;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Web.Shell;

/// <summary>The server's end: what was begun is answered, what was answered is there.</summary>
public sealed class ServeCommandTests
{
    [Fact]
    public async Task Sigterm_DuringRequests_AnswersWhatWasBegunAndEndsWith0()
    {
        using var folder = new DataFolder();
        var answered = new ConcurrentQueue<string>();
        await using var web = await WebProcess.ServingAsync(folder.Path);
        await Eventually.Holds(() => web.Text.Contains("Setup token", StringComparison.Ordinal), "the token is printed");
        var nobody = new WebCaller(web.Address);
        Assert.Equal(201, (await nobody.PostAsync("/v1/auth/setup", new { setup_token = web.SetupToken, name = "root", password = RunningWeb.Password })).Status);
        var browser = nobody.WithCookie((await nobody.PostAsync("/v1/auth/sign-in", new { name = "root", password = RunningWeb.Password })).SetCookie);
        var number = 0;
        var odd = new ConcurrentQueue<string>();
        async Task WriteAsync()
        {
            try
            {
                while (true)
                {
                    var name = $"edge{Interlocked.Increment(ref number)}";
                    var answer = await browser.PostAsync("/v1/edges", new { name });
                    (answer.Status == 201 ? answered : odd).Enqueue(answer.Status == 201 ? name : answer.Text);
                }
            }
            catch (HttpRequestException)
            {
                // Nobody listens any more, or the connection was closed before the request was read. One that was read is answered:
                // else there would be an edge below that nobody was told of.
            }
        }

        var writers = new[] { WriteAsync(), WriteAsync(), WriteAsync() };
        await Eventually.Holds(() => answered.Count >= 20, "changes are answered");
        Assert.Equal(0, await web.StopAsync());
        await Eventually.Within(Task.WhenAll(writers));
        Assert.Empty(odd);
        var stored = FilledStore.Read(folder.Path, db => db.Edges.Select(edge => edge.Name).ToList());
        Assert.Equal(answered.Order(), stored.Order());
        Assert.Empty(Directory.EnumerateFiles(folder.Path, "*.sock"));
    }
}

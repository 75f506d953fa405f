using System.Net.Http.Headers;
using Microsoft.EntityFrameworkCore;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Web.Audit;

/// <summary>An export ends when its reader may not read any more, and does not look whole then.</summary>
public sealed class AuditExportTests
{
    /// <summary>Far more than the buffers of both ends hold.</summary>
    private const int Entries = 30_000;

    [Theory]
    [InlineData("disabled")]
    [InlineData("demoted")]
    [InlineData("revoked")]
    public async Task ReaderWhoLosesTheRight_IsCutOff(string how)
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        var browser = await web.BrowserAsync(root, "watcher", "auditor");
        var made = (await browser.PostAsync("/v1/me/tokens", new { name = "export", scope = "read" })).Body;
        await FillAsync(web);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(web.Address, "/v1/audit/export"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", made.GetProperty("secret").GetString());
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("application/x-ndjson", answer.Content.Headers.ContentType?.MediaType);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync());
        Assert.NotNull(await lines.ReadLineAsync());

        var path = $"/v1/accounts/{(await browser.GetAsync("/v1/me")).Body.GetProperty("account").GetProperty("id").GetString()}";
        var done = how switch
        {
            "disabled" => await root.PatchAsync(path, new { disabled = true }),
            "demoted" => await root.PatchAsync(path, new { role = "user" }),
            _ => await root.DeleteAsync($"{path}/tokens/{made.GetProperty("token").GetProperty("id").GetString()}"),
        };
        Assert.True(done.Status is 200 or 204, done.Text);

        var read = 1;
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            while (await lines.ReadLineAsync() is not null)
            {
                read++;
            }
        });
        Assert.InRange(read, 1, Entries - 1000);
    }

    [Fact]
    public async Task ReaderWhoKeepsIt_GetsEveryEntry()
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        await FillAsync(web, 2000);
        var whole = await root.GetAsync("/v1/audit/export");
        await using var db = web.OpenDb();
        Assert.Equal(await db.AuditEntries.CountAsync(), whole.Text.Split('\n').Length - 1);
    }

    private static async Task FillAsync(RunningWeb web, int count = Entries)
    {
        await using var db = web.OpenDb();
        await db.Database.ExecuteSqlRawAsync(
            """
            INSERT INTO AuditEntries (At, ActorName, ActorRole, Via, RemoteAddress, RequestId, Action, SubjectKind, SubjectId, SubjectName, Outcome, Reason, After)
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {0})
            SELECT At, ActorName, ActorRole, Via, RemoteAddress, RequestId, Action, SubjectKind, SubjectId, SubjectName, Outcome, Reason, '{{"a":"' || hex(zeroblob(300)) || '"}}'
            FROM n, (SELECT * FROM AuditEntries ORDER BY Seq LIMIT 1)
            """,
            count);
    }
}

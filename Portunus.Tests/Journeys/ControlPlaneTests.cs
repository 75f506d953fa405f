using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Portunus.Tests.Kit;
using Portunus.Web.Accounts;

namespace Portunus.Tests.Journeys;

/// <summary>With curl and the program's own commands alone: from an empty directory to tenants with rules, out, and back again.</summary>
public sealed partial class ControlPlaneTests
{
    private const string Ada = "green horses run uphill";
    private const string Bob = "violet trains sleep late";
    private const string Phrase = "seven quiet otters swim";

    [ProgramFact("curl")]
    public async Task EmptyDirectory_ToTenantsWithRules_OutAndBack()
    {
        using var folder = new DataFolder();
        using var away = new DataFolder();
        await File.WriteAllTextAsync(away.File("pass"), Phrase);
        var secrets = new List<string> { Ada, Bob, Phrase };
        var heard = new StringBuilder();
        string[] before;
        string root;
        await using (var web = await StartAsync(folder.Path))
        {
            await Eventually.Holds(() => web.Text.Contains("Setup token", StringComparison.Ordinal), "the token is printed");
            var setup = web.SetupToken;
            await CurlAsync(web, 201, "POST", "/v1/auth/setup", null, new { setup_token = setup, name = "ada", password = Ada });
            root = await TokenAsync(web, "ada", Ada, away.File("ada"), secrets);
            var tenant = (await CurlAsync(web, 201, "POST", "/v1/accounts", root, new { name = "bob", role = "user", password = Bob })).GetProperty("account").GetProperty("id").GetString();
            var bob = await TokenAsync(web, "bob", Bob, away.File("bob"), secrets);
            var edge = (await CurlAsync(web, 201, "POST", "/v1/edges", root, new { name = "lisbon", public_address = "lisbon.example" })).GetProperty("id").GetString();
            secrets.Add((await CurlAsync(web, 201, "POST", $"/v1/edges/{edge}/enrolments", root, new { })).GetProperty("code").GetString()!);
            await CurlAsync(web, 201, "POST", "/v1/grants", root, new { account = tenant, edge, ports = "8000-8099", protocols = new[] { "tcp" } });
            await CurlAsync(web, 201, "POST", "/v1/rules", bob, new { edge, name = "web", listen_port = 8080, target = "10.0.0.1:80" });
            await CurlAsync(web, 403, "POST", "/v1/rules", bob, new { edge, name = "beyond", listen_port = 9000, target = "10.0.0.1:80" });
            secrets.AddRange(await SecondFactorAsync(web, bob));
            before = await AnswersAsync(web, root);
            Assert.Contains("8080", before[0], StringComparison.Ordinal);
            Heard(await WebProcess.RunAsync("", "backup", away.File("b"), "--passphrase-file", away.File("pass"), "--data-dir", folder.Path), 0);
            Heard(await WebProcess.RunAsync("", "restore", away.File("b"), "--force", "--passphrase-file", away.File("pass"), "--data-dir", folder.Path), 1);
            heard.Append((await CommandRun.RunAsync("curl", ["-sS", "-H", $"Authorization: Bearer {root}", $"{web.Address}v1/audit/export"])).Output);
            Assert.Equal(0, await web.StopAsync());
            heard.Append(web.Text.Replace($"Setup token, good for 30 minutes: {setup}", "", StringComparison.Ordinal));
            secrets.Add(setup);
        }

        Heard(await WebProcess.RunAsync("", "reset", "--confirm", "--data-dir", folder.Path), 0);
        await using (var web = await StartAsync(folder.Path))
        {
            Assert.Equal("True", (await CurlAsync(web, 200, "GET", "/v1/auth/status", null)).GetProperty("setup_required").ToString());
            await CurlAsync(web, 401, "GET", "/v1/rules", root);
            Assert.Equal(0, await web.StopAsync());
        }

        Heard(await WebProcess.RunAsync("", "restore", away.File("b"), "--force", "--passphrase-file", away.File("pass"), "--data-dir", folder.Path), 0);
        await using (var web = await StartAsync(folder.Path))
        {
            var after = await AnswersAsync(web, root);
            // Revisions of rules leap, so that no edge has seen them.
            Assert.Equal(before[..3], after[..3].Select(answer => LeaptRevision().Replace(answer, "\"revision\":1")));
            // The settings tell the epoch of the plans, the one thing that must be another.
            Assert.NotEqual(before[3], after[3]);
            Assert.Equal(0, await web.StopAsync());
            heard.Append(web.Text);
        }

        var all = heard.ToString();
        Assert.Contains("POST /v1/rules", all, StringComparison.Ordinal);
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, all, StringComparison.Ordinal));
        // Not in the sealed file either, and not in plain in the store.
        Assert.All(secrets, secret => Assert.True(File.ReadAllBytes(away.File("b")).AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) < 0));

        void Heard((int Code, string Output, string Errors) run, int code)
        {
            Assert.True(run.Code == code, $"{run.Code}: {run.Output}{run.Errors}");
            heard.Append(run.Output).Append(run.Errors);
        }
    }

    private static Task<WebProcess> StartAsync(string folder) => WebProcess.ServingAsync(folder, "--log-level", "trace");

    private static async Task<string[]> AnswersAsync(WebProcess web, string token)
    {
        var answers = new List<string>();
        foreach (var path in new[] { "/v1/rules", "/v1/edges", "/v1/grants", "/v1/settings" })
        {
            answers.Add((await CurlAsync(web, 200, "GET", path, token)).GetRawText());
        }

        return [.. answers];
    }

    /// <summary>Signs in as a browser would, and makes a token.</summary>
    private static async Task<string> TokenAsync(WebProcess web, string name, string password, string jar, List<string> secrets)
    {
        await CurlAsync(web, 200, "POST", "/v1/auth/sign-in", null, new { name, password }, "-c", jar);
        secrets.Add((await File.ReadAllLinesAsync(jar))[^1].Split('\t')[^1]);
        var made = await CurlAsync(web, 201, "POST", "/v1/me/tokens", null, new { name = "journey", scope = "write" }, "-b", jar, "-H", "X-Portunus-CSRF: 1");
        secrets.Add(made.GetProperty("secret").GetString()!);
        return secrets[^1];
    }

    private static async Task<IEnumerable<string>> SecondFactorAsync(WebProcess web, string token)
    {
        var started = (await CurlAsync(web, 200, "POST", "/v1/me/second-factor", token, new { password = Bob })).GetProperty("secret").GetString()!;
        var code = Totp.CodeAt(Base32(started), TimeProvider.System.GetUtcNow());
        var made = await CurlAsync(web, 200, "POST", "/v1/me/second-factor/confirm", token, new { code });
        return [started, .. made.GetProperty("recovery_codes").EnumerateArray().Select(one => one.GetString()!)];
    }

    private static byte[] Base32(string text)
    {
        var bits = string.Concat(text.Replace(" ", "", StringComparison.Ordinal).TrimEnd('=')
            .Select(one => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(one, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return [.. bits.Chunk(8).Where(chunk => chunk.Length == 8).Select(chunk => Convert.ToByte(new string(chunk), 2))];
    }

    private static async Task<JsonElement> CurlAsync(WebProcess web, int status, string method, string path, string? token, object? body = null, params string[] more)
    {
        string[] words = ["-sS", "-X", method, "-w", "\n%{http_code}", .. more];
        if (token is not null)
        {
            words = [.. words, "-H", $"Authorization: Bearer {token}"];
        }

        if (body is not null)
        {
            words = [.. words, "-H", "Content-Type: application/json", "--data-binary", "@-"];
        }

        var run = await CommandRun.RunAsync("curl", [.. words, new Uri(web.Address, path).ToString()], body is null ? "" : JsonSerializer.Serialize(body));
        var end = run.Output.LastIndexOf('\n');
        Assert.True(run.ExitCode == 0 && run.Output[(end + 1)..] == status.ToString(), $"{method} {path}: {run.Output}{run.Errors}");
        return JsonDocument.Parse(end == 0 ? "null" : run.Output[..end]).RootElement;
    }

    [GeneratedRegex("\"revision\":[0-9]{10,}")]
    private static partial Regex LeaptRevision();
}

using System.Text.Json;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Web.Shell;

/// <summary>The OpenAPI document is a valid one, knows every route, and what it says of who may call holds.</summary>
public sealed class ApiDocumentTests
{
    [Fact]
    public async Task Document_IsValidAndEveryReferenceLeadsSomewhere()
    {
        await using var web = await RunningWeb.StartAsync();
        var answer = await web.Nobody.GetAsync("/openapi/v1.json");
        Assert.Equal(200, answer.Status);
        var read = OpenApiDocument.Parse(answer.Text, OpenApiConstants.Json);
        Assert.NotNull(read.Document);
        Assert.Empty(read.Diagnostic?.Errors ?? []);
        var schemas = answer.Body.GetProperty("components").GetProperty("schemas");
        Assert.True(schemas.GetProperty("AccountView").TryGetProperty("required", out _));
        Assert.False(schemas.GetProperty("AccountAsked").TryGetProperty("required", out _));
        foreach (System.Text.RegularExpressions.Match match in System.Text.RegularExpressions.Regex.Matches(answer.Text, "\"\\$ref\": *\"#/components/schemas/([^\"]+)\""))
        {
            Assert.True(schemas.TryGetProperty(match.Groups[1].Value, out _), match.Value);
        }
    }

    [Fact]
    public async Task EveryOperation_SaysWhoMayCallItAndHowItRefuses()
    {
        await using var web = await RunningWeb.StartAsync();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (method, path, operation) in Operations((await web.Nobody.GetAsync("/openapi/v1.json")).Body))
        {
            Assert.True(operation.TryGetProperty("x-portunus-access", out _), $"{method} {path}");
            Assert.True(operation.GetProperty("x-portunus-codes").GetArrayLength() > 0, $"{method} {path}");
            Assert.NotEqual("", operation.GetProperty("summary").GetString());
            Assert.True(names.Add(operation.GetProperty("operationId").GetString()!), $"{method} {path}");
        }

        Assert.InRange(names.Count, 30, 200);
    }

    [Fact]
    public async Task EveryOperation_IsClosedToWhomTheDocumentSays()
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        var tenant = await web.AccountAsync(root, "bob");
        var auditor = await web.AccountAsync(root, "ann", "auditor");
        var reader = await web.TokenAsync(await web.SignInAsync("root"), "read");
        var wrong = new List<string>();
        foreach (var (method, path, operation) in Operations((await web.Nobody.GetAsync("/openapi/v1.json")).Body))
        {
            var access = operation.GetProperty("x-portunus-access").GetString();
            if (access == "anyone")
            {
                continue;
            }

            var isWrite = operation.GetProperty("x-portunus-scope").GetString() == "write";
            var filled = System.Text.RegularExpressions.Regex.Replace(path, "\\{[^}]+\\}", Guid.CreateVersion7().ToString());
            async Task<WebAnswer> CallAsync(WebCaller caller) => await caller.SendAsync(
                method.ToUpperInvariant(), filled, operation.TryGetProperty("requestBody", out _) ? "{}" : null, method is "patch" or "delete" ? "*" : null);
            void Expect(WebAnswer answer, string who, params int[] statuses)
            {
                if (!statuses.Contains(answer.Status) || (answer.Status >= 400 && answer.Code.Length == 0))
                {
                    wrong.Add($"{method} {path} by {who}: {answer.Status} {answer.Text}");
                }
            }

            Expect(await CallAsync(web.Nobody), "nobody", 401);
            Expect(await CallAsync(web.Nobody.WithToken("ptk_x")), "a bad token", 401);
            if (access is "superadmin" or "overseers")
            {
                // What a tenant may not even know of is not there; everything else is refused.
                Expect(await CallAsync(tenant), "a tenant", 403, 404);
            }

            if (access == "superadmin")
            {
                Expect(await CallAsync(auditor), "an auditor", 403, 404);
            }

            if (isWrite)
            {
                Expect(await CallAsync(reader), "a read token", 403, 404, 400, 422);
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task EveryBody_IsReadStrictly()
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        var made = (await root.PostAsync("/v1/accounts", new { name = "bob", password = RunningWeb.Password })).Body.GetProperty("account").GetProperty("id").GetString()!;
        var wrong = new List<string>();
        foreach (var (method, path, _) in Operations((await web.Nobody.GetAsync("/openapi/v1.json")).Body).Where(one => one.Operation.TryGetProperty("requestBody", out _)))
        {
            var filled = System.Text.RegularExpressions.Regex.Replace(path, "\\{[^}]+\\}", made);
            foreach (var body in new[] { "{", "[1]", "{\"no_such_field\":1}" })
            {
                var answer = await root.SendAsync(method.ToUpperInvariant(), filled, body, "*");
                if (answer.Status is not (400 or 404))
                {
                    wrong.Add($"{method} {path} with {body}: {answer.Status} {answer.Text}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    private static IEnumerable<(string Method, string Path, JsonElement Operation)> Operations(JsonElement document) =>
        from path in document.GetProperty("paths").EnumerateObject()
        from method in path.Value.EnumerateObject()
        where method.Name is "get" or "post" or "put" or "patch" or "delete"
        select (method.Name, path.Name, method.Value);
}

using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Web.Shell;

/// <summary>
/// Every operation of the document against every way to be refused. What is answered is what the document says, nothing is changed by
/// it, and what a known caller may not do is in the audit log.
/// </summary>
public sealed class RefusalMatrixTests : IAsyncLifetime
{
    private ApiWorld _world = null!;
    private string _before = "";

    private IEnumerable<ApiOperation> All => _world.Book.Operations;

    private IEnumerable<ApiOperation> Closed => All.Where(one => !one.IsOpen);

    /// <summary>Health is asked by what knows nothing of the API.</summary>
    private IEnumerable<ApiOperation> Strict => All.Where(one => one.Path.StartsWith("/v1/", StringComparison.Ordinal));

    private IEnumerable<ApiOperation> WithBody => All.Where(one => one.BodyType is not null);

    public async Task InitializeAsync()
    {
        _world = await ApiWorld.StartAsync();
        _before = await _world.PictureAsync();
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task NoCredential_OrABadOne_Is401()
    {
        var bad = _world.Web.Nobody.WithToken("pt_" + new string('x', 43));
        var cookie = _world.Web.Nobody.WithCookie("portunus=" + new string('x', 43));
        await EachAsync(Closed, 401, "unauthenticated", one => _world.CallAsync(_world.Web.Nobody, one));
        await EachAsync(Closed, 401, "token_invalid", one => _world.CallAsync(bad, one));
        await EachAsync(Closed, 401, "unauthenticated", one => _world.CallAsync(cookie, one));
    }

    [Fact]
    public async Task WrongRole_Is403AndAudited()
    {
        // What a tenant may not even see is not there; an auditor sees everything.
        await EachAsync(Closed.Where(one => one.Role == "superadmin"), 403, "role_required", one => _world.CallAsync(_world.Auditor, one), isAudited: true);
        await EachAsync(Closed.Where(one => one.Role == "superadmin"), 403, "role_required", one => _world.CallAsync(_world.Ann, one), isAudited: true);
        await EachAsync(Closed.Where(one => one.Role == "superadmin or auditor"), 403, "role_required", one => _world.CallAsync(_world.Ann, one));
    }

    [Fact]
    public async Task ReadingToken_ChangesNothing() =>
        await EachAsync(Closed.Where(one => one.IsChange), 403, "scope_required", one => _world.CallAsync(_world.RootReading, one), isAudited: true);

    [Fact]
    public async Task IdOfAnotherTenant_CannotBeToldFromOneThatNobodyMade()
    {
        var asked = Closed.Where(one => one.Role == "signed_in" && one.In("path").Any()).ToArray();
        Assert.True(asked.Length >= 12, $"only {asked.Length}");
        await EachAsync(asked, 404, null, one => _world.CallAsync(_world.Ann, one, _world.Foreign(one)));
        foreach (var one in asked)
        {
            var foreign = await _world.CallAsync(_world.Ann, one, _world.Foreign(one));
            var unknown = await _world.CallAsync(_world.Ann, one, ApiWorld.Unknown(one));
            Assert.Equal(WithoutId(unknown), WithoutId(foreign));
        }
    }

    [Fact]
    public async Task MalformedBody_Is400()
    {
        await EachAsync(WithBody, 400, "malformed_body", one => _world.CallAsync(Able(one), one, body: "{"));
        await EachAsync(WithBody, 400, "malformed_body", one => _world.CallAsync(Able(one), one, body: ""));
        await EachAsync(WithBody, 400, "wrong_type", one => _world.CallAsync(Able(one), one, body: "[]"));
    }

    [Fact]
    public async Task UnknownField_Is400AndNamed() => await EachAsync(WithBody, 400, "unknown_field", async one =>
    {
        var answer = await _world.CallAsync(Able(one), one, body: With(one, "zzz", JsonValue.Create(1)));
        Assert.Contains(("unknown_field", "zzz"), answer.Errors);
        return answer;
    });

    [Fact]
    public async Task FieldOutOfBounds_IsRefusedAndNamed()
    {
        var tried = 0;
        await using var fresh = await RunningWeb.StartAsync();
        var token = await fresh.SetupTokenAsync();
        foreach (var one in WithBody)
        {
            foreach (var (field, value) in BeyondBounds.Of(_world.Book, one.BodyType!))
            {
                tried++;
                var body = With(one, field, value);
                // The first run is over here, so it is tried where it is not.
                var answer = one.Id == "setUp"
                    ? await fresh.Nobody.PostAsync(one.Path, body.Replace("\"none\"", $"\"{token}\"", StringComparison.Ordinal))
                    : await _world.CallAsync(Able(one), one, body: body);
                Assert.True(answer.Status is 422 or 400, $"{one.Id} {field} {value?.ToJsonString()[..Math.Min(40, value.ToJsonString().Length)]}: {answer.Status} {answer.Text}");
                Assert.True(answer.Errors.Any(error => error.Field.StartsWith(field.Split('.')[0], StringComparison.Ordinal)), $"{one.Id} {field}: {answer.Text}");
                Documented(one, answer);
            }
        }

        Assert.True(tried > 100, $"only {tried}");
        Assert.Equal(_before, await _world.PictureAsync());
    }

    [Fact]
    public async Task FieldOfAWrongType_IsRefusedAndNamed()
    {
        foreach (var one in WithBody)
        {
            foreach (var field in _world.Book.Schema(one.BodyType!).GetProperty("properties").EnumerateObject())
            {
                var answer = await _world.CallAsync(Able(one), one, body: With(one, field.Name, new JsonArray(new JsonArray())));
                Assert.True(answer.Status == 400, $"{one.Id} {field.Name}: {answer.Status} {answer.Text}");
                Assert.Contains(answer.Errors, error => error.Code == "wrong_type" && error.Field.StartsWith(field.Name, StringComparison.Ordinal));
            }
        }

        Assert.Equal(_before, await _world.PictureAsync());
    }

    [Fact]
    public async Task StaleOrMalformedRevision_ChangesNothing_AndNoRouteIgnoresOne()
    {
        var taking = Closed.Where(one => one.TakesRevision).ToArray();
        Assert.True(taking.Length >= 10, $"only {taking.Length}");
        Task<WebAnswer> Ask(ApiOperation one, string? revision) => Able(one).SendAsync(one.Method, _world.Own(one), _world.Sound(one), revision);
        await EachAsync(taking, 412, "revision_stale", one => Ask(one, "\"99999\""));
        await EachAsync(taking, 400, "revision_malformed", one => Ask(one, "99999"));
        await EachAsync(Strict.Where(one => !one.TakesRevision), 400, "revision_not_taken", one => Ask(one, "\"1\""));
        Assert.All(All.Where(one => one.Method == "PATCH"), one => Assert.True(one.TakesRevision, one.Id));
        Assert.All(All.Where(one => one.In("query").Contains("dry_run")), one => Assert.True(one.TakesRevision, one.Id));
    }

    [Fact]
    public async Task UnknownOrRepeatedParameter_IsRefusedAndNamed()
    {
        Task<WebAnswer> Ask(ApiOperation one, string query) => _world.CallAsync(Able(one), one, $"{_world.Own(one)}?{query}");
        await EachAsync(Strict, 400, "unknown_parameter", one => Ask(one, "zzz=1"));
        await EachAsync(Strict.Where(one => one.In("query").Any()), 400, "duplicate_parameter", one => Ask(one, $"{one.In("query").First()}=1&{one.In("query").First()}=2"));
    }

    [Fact]
    public async Task OtherWordThanTrueOrFalse_IsRefused_AndNothingIsDeleted()
    {
        var trying = All.Where(one => one.In("query").Contains("dry_run")).ToArray();
        Assert.True(trying.Length >= 4, $"only {trying.Length}");
        foreach (var word in new[] { "nonsense", "", "1", "True" })
        {
            await EachAsync(trying, 422, "dry_run_unknown", one => _world.CallAsync(_world.Root, one, $"{_world.Own(one)}?dry_run={word}"));
        }
    }

    [Fact]
    public async Task Head_AnswersAsGetDoes_WithoutABody_AndNeitherLeavesAnEntry()
    {
        var entries = await CountAsync();
        foreach (var one in All.Where(one => !one.IsChange))
        {
            foreach (var caller in new[] { _world.Web.Nobody, _world.Ann, _world.Root })
            {
                var told = await caller.SendAsync("HEAD", _world.Own(one));
                if (one.IsStream && told.Status != 401)
                {
                    Assert.Equal((one.Id, 200, "text/event-stream", ""), (one.Id, told.Status, told.ContentHeaders.ContentType?.MediaType, told.Text));
                    continue;
                }

                var got = await _world.CallAsync(caller, one);
                Assert.Equal((one.Id, got.Status, got.ETag, ""), (one.Id, told.Status, told.ETag, told.Text));
                Assert.Equal(got.ContentHeaders.ContentType?.MediaType, told.ContentHeaders.ContentType?.MediaType);
                Assert.Equal("nosniff", told.Header("X-Content-Type-Options"));
            }
        }

        var elsewhere = await _world.Root.SendAsync("HEAD", "/v1/auth/sign-in");
        Assert.Equal((405, "POST"), (elsewhere.Status, string.Join(", ", elsewhere.ContentHeaders.Allow)));
        var nowhere = await _world.Root.SendAsync("HEAD", "/v1/nothing");
        Assert.Equal((404, "application/problem+json"), (nowhere.Status, nowhere.ContentHeaders.ContentType?.MediaType));
        Assert.Equal(entries, await CountAsync());
    }

    [Fact]
    public async Task CookieWithoutItsHeader_OrFromAnotherSite_Is403()
    {
        var changes = Closed.Where(one => one.IsChange).ToArray();
        await EachAsync(changes, 403, "csrf_header_required", one => _world.CallAsync(_world.RootBrowser.With("X-Portunus-CSRF", ""), one));
        await EachAsync(changes, 403, "csrf_origin_mismatch", one => _world.CallAsync(_world.RootBrowser.With("Origin", "https://evil.example"), one));
        await EachAsync(changes, 403, "csrf_origin_mismatch", one => _world.CallAsync(_world.RootBrowser.With("Sec-Fetch-Site", "cross-site"), one));
        await EachAsync(All.Where(one => one.IsOpen && one.IsChange), 403, "csrf_origin_mismatch", one => _world.CallAsync(_world.Web.Nobody.With("Origin", "null"), one));
    }

    [Fact]
    public async Task OtherKindOfBody_Is415()
    {
        foreach (var type in new[] { "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx", "" })
        {
            await EachAsync(WithBody, 415, "content_type", one => _world.CallAsync(Able(one), one, body: Typed(_world.Sound(one)!, type)));
        }
    }

    [Fact]
    public async Task LargeBody_Is413() =>
        await EachAsync(WithBody, 413, "body_too_large", one => _world.CallAsync(Able(one), one, body: "{\"a\":\"" + new string('x', ApiWorld.MaxBody) + "\"}"));

    [Fact]
    public async Task OtherMethod_Is405()
    {
        foreach (var path in All.GroupBy(one => one.Path))
        {
            foreach (var method in new[] { "GET", "POST", "PUT", "PATCH", "DELETE" }.Except(path.Select(one => one.Method)))
            {
                var answer = await _world.Root.SendAsync(method, _world.Own(path.First()), "{}");
                Assert.True((answer.Status, answer.Code) == (405, "method_not_allowed"), $"{method} {path.Key}: {answer.Status} {answer.Text}");
                var allowed = path.Select(one => one.Method).Concat(path.Any(one => one.Method == "GET") ? ["HEAD"] : []);
                Assert.Equal(allowed.Order(), answer.ContentHeaders.Allow.Order());
            }
        }

        Assert.Equal(_before, await _world.PictureAsync());
    }

    private async Task<int> CountAsync()
    {
        await using var db = _world.Web.OpenDb();
        return await db.AuditEntries.CountAsync();
    }

    /// <summary>Somebody who may: for open routes nobody, for what everybody does with own things the tenant.</summary>
    private WebCaller Able(ApiOperation one) => one.IsOpen ? _world.Web.Nobody : one.Role == "signed_in" ? _world.Ann : _world.Root;

    private async Task EachAsync(IEnumerable<ApiOperation> operations, int status, string? code, Func<ApiOperation, Task<WebAnswer>> ask, bool isAudited = false)
    {
        var wrong = new List<string>();
        var count = 0;
        foreach (var one in operations)
        {
            count++;
            var answer = await ask(one);
            if (answer.Status != status || (code is not null && answer.Errors.All(error => error.Code != code)))
            {
                wrong.Add($"{one.Id}: {answer.Status} {answer.Text}");
                continue;
            }

            Documented(one, answer);
            if (isAudited && one.IsChange && await _world.AuditedAsync(answer) is not ["refused"] and var found)
            {
                wrong.Add($"{one.Id}: audited as [{string.Join(',', found)}]");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(count > 0, "nothing was asked");
        Assert.Equal(_before, await _world.PictureAsync());
    }

    /// <summary>Every refusal has the one shape, and its code is one that the document lists for this status.</summary>
    private static void Documented(ApiOperation one, WebAnswer answer)
    {
        Assert.Equal("application/problem+json", answer.ContentHeaders.ContentType?.MediaType);
        Assert.Equal("no-store", answer.Header("Cache-Control"));
        Assert.Equal(answer.Header("X-Request-Id"), answer["request_id"]);
        var code = answer.Code == "validation_failed" ? answer.Errors[0].Code : answer.Code;
        Assert.True(one.Codes(answer.Status).Contains(code), $"{one.Id} does not say that it may answer {answer.Status} {code}");
    }

    private static string WithoutId(WebAnswer answer) => answer.Text.Replace(answer["request_id"], "", StringComparison.Ordinal);

    private string With(ApiOperation one, string field, JsonNode? value)
    {
        var body = JsonNode.Parse(_world.Sound(one)!)!.AsObject();
        var names = field.Split('.');
        var inside = body;
        foreach (var name in names[..^1])
        {
            if (inside[name] is not JsonObject next)
            {
                inside[name] = next = [];
            }

            inside = next;
        }

        inside[names[^1]] = value?.DeepClone();
        return body.ToJsonString();
    }

    private static StringContent Typed(string body, string type)
    {
        var content = new StringContent(body);
        content.Headers.Remove("Content-Type");
        if (type.Length > 0)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        return content;
    }
}

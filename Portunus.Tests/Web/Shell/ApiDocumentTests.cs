using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Portunus.Tests.Kit;
using Portunus.Web.Api;

namespace Portunus.Tests.Web.Shell;

/// <summary>The document that programs read: whole, sound by itself, and saying what the routes do.</summary>
public sealed partial class ApiDocumentTests : IAsyncLifetime
{
    private RunningWeb _web = null!;
    private ApiBook _book = null!;

    public async Task InitializeAsync()
    {
        _web = await RunningWeb.StartAsync();
        _book = await ApiBook.ReadAsync(_web);
    }

    public async Task DisposeAsync() => await _web.DisposeAsync();

    [Fact]
    public void EveryRoute_IsInIt_AndNothingElse()
    {
        var routes = _web.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(route => route.Metadata.GetMetadata<ServedOn>() is null or { Kind: ListenerKind.Admin })
            .SelectMany(route => route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => $"{method} {Constraint().Replace(route.RoutePattern.RawText!, "}")}"))
            .Where(route => !route.Contains("/openapi/", StringComparison.Ordinal))
            .Select(route => route.Replace(" v1", " /v1", StringComparison.Ordinal));
        Assert.Equal(routes.Order(), _book.Operations.Select(one => $"{one.Method} {one.Path}").Order());
        Assert.True(_book.Operations.Count > 45, $"only {_book.Operations.Count}");
    }

    [Fact]
    public void Document_IsSound()
    {
        var root = _book.Root;
        Assert.StartsWith("3.1.", root.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        Assert.All(["title", "version", "description"], field => Assert.False(string.IsNullOrWhiteSpace(root.GetProperty("info").GetProperty(field).GetString())));
        Assert.Equal("/", root.GetProperty("servers")[0].GetProperty("url").GetString());
        Assert.Equal(_book.Operations.Count, _book.Operations.Select(one => one.Id).Distinct().Count());
        Assert.All(References(root), reference => Assert.True(Finds(root, reference), reference));
        Assert.DoesNotContain("Portunus.", root.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("&lt;", root.GetRawText(), StringComparison.Ordinal);
        var schemes = root.GetProperty("components").GetProperty("securitySchemes").EnumerateObject().Select(scheme => scheme.Name).ToHashSet();
        Assert.Equal(["bearer", "cookie", "csrf"], schemes.Order());
        Assert.All(_book.Operations, one =>
        {
            var text = one.Body;
            Assert.False(string.IsNullOrWhiteSpace(text.GetProperty("summary").GetString()));
            Assert.Equal(PathParameter().Matches(one.Path).Select(match => match.Groups[1].Value).Order(), one.In("path").Order());
            Assert.All(one.Parameters, parameter => Assert.False(string.IsNullOrWhiteSpace(Told(parameter)), $"{one.Id}: {parameter.GetProperty("name")} has no meaning"));
            Assert.All(one.Parameters, parameter => Assert.True(parameter.GetProperty("schema").TryGetProperty("type", out _), one.Id));
            Assert.All(text.GetProperty("responses").EnumerateObject(), answer => Assert.False(string.IsNullOrWhiteSpace(Told(answer.Value)), $"{one.Id} {answer.Name}"));
            Assert.Contains(text.GetProperty("responses").EnumerateObject(), answer => answer.Name[0] == '2');
            Assert.All(text.GetProperty("security").EnumerateArray().SelectMany(either => either.EnumerateObject()), needed => Assert.Contains(needed.Name, schemes));
        });
    }

    [Fact]
    public async Task HostOfTheRequest_StandsNowhereInIt_AndItIsMadeOnce()
    {
        var text = _web.Services.GetRequiredService<Portunus.Web.Shell.ApiDocumentText>();
        Assert.Same(await text.GetAsync(CancellationToken.None), await text.GetAsync(CancellationToken.None));
        var answer = await _web.Nobody.With("Host", "elsewhere.example").GetAsync("/openapi/v1.json");
        Assert.Equal(200, answer.Status);
        Assert.DoesNotContain("elsewhere", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryField_HasTypeAndMeaning()
    {
        var wrong =
            from schema in _book.Root.GetProperty("components").GetProperty("schemas").EnumerateObject()
            where schema.Value.TryGetProperty("properties", out _)
            from field in schema.Value.GetProperty("properties").EnumerateObject()
            let parts = field.Value.TryGetProperty("oneOf", out var either) ? either.EnumerateArray().ToArray() : [field.Value]
            let isTold = parts.Any(part => !string.IsNullOrWhiteSpace(Told(part)) || part.TryGetProperty("$ref", out _))
            let isTyped = parts.All(part => part.TryGetProperty("type", out _) || part.TryGetProperty("$ref", out _))
            where !isTold || !isTyped
            select $"{schema.Name}.{field.Name}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void EveryBody_IsClosed_AndSaysWhatItNeeds()
    {
        Assert.All(_book.Operations.Where(one => one.BodyType is not null), one =>
        {
            var schema = _book.Schema(one.BodyType!);
            Assert.True(schema.TryGetProperty("additionalProperties", out var more) && more.ValueKind == JsonValueKind.False, $"{one.BodyType} is open");
            if (schema.TryGetProperty("required", out var needed))
            {
                Assert.All(needed.EnumerateArray(), field => Assert.True(schema.GetProperty("properties").TryGetProperty(field.GetString()!, out _)));
            }
        });
        Assert.Equal(["edge"], _book.Schema("RuleRequest").GetProperty("required").EnumerateArray().Select(field => field.GetString()));
        Assert.Equal((1, 65535), Bounds("RuleRequest", "listen_port", "minimum", "maximum"));
        Assert.Equal((1, 64), Bounds("TokenAsked", "name", "minLength", "maxLength"));
        Assert.Equal((1, 8), Bounds("RuleRequest", "targets", "minItems", "maxItems"));
    }

    [Fact]
    public void Operations_SayWhoMayCallThem()
    {
        var make = _book.Operations.Single(one => one.Id == "createAccount");
        Assert.Equal("superadmin", make.Role);
        var security = make.Body.GetProperty("security").EnumerateArray().ToArray();
        Assert.Equal("write", Assert.Single(security[0].GetProperty("bearer").EnumerateArray()).GetString());
        Assert.Equal(["cookie", "csrf"], security[1].EnumerateObject().Select(scheme => scheme.Name));
        Assert.Contains("role_required", make.Codes(403));
        Assert.Contains("password_common", make.Codes(422));
        Assert.Empty(_book.Operations.Single(one => one.Id == "signIn").Body.GetProperty("security").EnumerateArray());
        Assert.True(_book.Operations.Single(one => one.Id == "changeRule").TakesRevision);
        Assert.False(_book.Operations.Single(one => one.Id == "cloneRule").TakesRevision);
    }

    private (int, int) Bounds(string type, string field, string least, string most)
    {
        var schema = _book.Schema(type).GetProperty("properties").GetProperty(field);
        return (schema.GetProperty(least).GetInt32(), schema.GetProperty(most).GetInt32());
    }

    private static string? Told(JsonElement element) => element.TryGetProperty("description", out var text) ? text.GetString() : null;

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member =>
            member.Name == "$ref" && member.Value.ValueKind == JsonValueKind.String ? [member.Value.GetString()!] : References(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };

    private static bool Finds(JsonElement root, string reference)
    {
        foreach (var step in reference.TrimStart('#', '/').Split('/'))
        {
            if (!root.TryGetProperty(step, out root))
            {
                return false;
            }
        }

        return reference.StartsWith("#/", StringComparison.Ordinal);
    }

    [GeneratedRegex(":[a-z]+}")]
    private static partial Regex Constraint();

    [GeneratedRegex(@"\{([a-z_]+)\}")]
    private static partial Regex PathParameter();
}

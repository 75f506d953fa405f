using System.Text.Json;

namespace Portunus.Tests.Kit;

/// <summary>One operation of the API's document.</summary>
internal sealed record ApiOperation(string Id, string Method, string Path, JsonElement Body)
{
    /// <summary>Who may call it, as the document says.</summary>
    public string Role => Body.GetProperty("x-portunus-role").GetString()!;

    public bool IsChange => Method != "GET";

    /// <summary>Whether its answer has no end to wait for.</summary>
    public bool IsStream => Body.GetProperty("responses").TryGetProperty("200", out var done) && done.TryGetProperty("content", out var content)
        && content.TryGetProperty("text/event-stream", out _);

    /// <summary>Whether nobody needs to be signed in.</summary>
    public bool IsOpen => Role == "anyone";

    public IEnumerable<JsonElement> Parameters => Body.TryGetProperty("parameters", out var all) ? all.EnumerateArray() : [];

    /// <summary>Names of the parameters in one place: path, query, header.</summary>
    public IEnumerable<string> In(string place) =>
        Parameters.Where(one => one.GetProperty("in").GetString() == place).Select(one => one.GetProperty("name").GetString()!);

    public bool TakesRevision => In("header").Contains("If-Match");

    /// <summary>Name of the type of its body; null for none.</summary>
    public string? BodyType => !Body.TryGetProperty("requestBody", out var body) ? null
        : body.GetProperty("content").EnumerateObject().First().Value.GetProperty("schema").GetProperty("$ref").GetString()!.Split('/')[^1];

    public bool IsPatch => Body.TryGetProperty("requestBody", out var body) && body.GetProperty("content").TryGetProperty("application/merge-patch+json", out _);

    /// <summary>Codes with which the document says that it may refuse with this status.</summary>
    public IReadOnlyList<string> Codes(int status) =>
        Body.GetProperty("responses").TryGetProperty($"{status}", out var refusal) && refusal.TryGetProperty("x-portunus-codes", out var codes)
            ? [.. codes.EnumerateArray().Select(code => code.GetString()!)]
            : [];

    public override string ToString() => Id;
}

/// <summary>The API's document as it is served.</summary>
internal sealed class ApiBook(JsonElement root)
{
    public JsonElement Root => root;

    public IReadOnlyList<ApiOperation> Operations { get; } =
    [
        .. from path in root.GetProperty("paths").EnumerateObject()
           from operation in path.Value.EnumerateObject()
           select new ApiOperation(operation.Value.GetProperty("operationId").GetString()!, operation.Name.ToUpperInvariant(), path.Name, operation.Value),
    ];

    public JsonElement Schema(string name) => root.GetProperty("components").GetProperty("schemas").GetProperty(name);

    public static async Task<ApiBook> ReadAsync(RunningWeb web)
    {
        var answer = await web.Nobody.GetAsync("/openapi/v1.json");
        Assert.True(answer.Status == 200, answer.Text);
        return new ApiBook(answer.Body);
    }
}

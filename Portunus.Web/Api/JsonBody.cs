using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Api;

/// <summary>The JSON body of a request, read strictly before the handler runs; a refusal is a value, not an exception.</summary>
internal sealed class JsonBody<T> : IEndpointParameterMetadataProvider
    where T : class
{
    private JsonBody(Outcome<T> read) => Read = read;

    public Outcome<T> Read { get; }

    public static async ValueTask<JsonBody<T>> BindAsync(HttpContext context)
    {
        var element = await JsonBody.ReadAsync(context.Request);
        return new JsonBody<T>(element.TryGet(out var found) ? StrictJson.Read<T>(found) : element.As<T>());
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new AcceptsMetadata([JsonBody.ContentType], typeof(T)));
}

/// <summary>A merge patch of something that requests spell as <typeparamref name="T"/>.</summary>
internal sealed class PatchBody<T> : IEndpointParameterMetadataProvider
    where T : class
{
    private readonly Outcome<JsonElement> _element;

    private PatchBody(Outcome<JsonElement> element) => _element = element;

    /// <summary>What it would look like; or every problem of the patch.</summary>
    public Outcome<T> ApplyTo(T current) => _element.TryGet(out var found) ? PatchedRequest.Of(current, found) : _element.As<T>();

    public static async ValueTask<PatchBody<T>> BindAsync(HttpContext context) => new(await JsonBody.ReadAsync(context.Request));

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new AcceptsMetadata([JsonBody.PatchType, JsonBody.ContentType], typeof(T)));
}

/// <summary>Reading bodies, whatever they are of.</summary>
internal static class JsonBody
{
    public const string ContentType = "application/json";
    public const string PatchType = "application/merge-patch+json";

    public static async Task<Outcome<JsonElement>> ReadAsync(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !IsJson(type))
        {
            return new Problem("content_type", "", $"The body must be sent as {ContentType}.", ProblemKind.MediaType);
        }

        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        return StrictJson.Parse(body.GetBuffer().AsMemory(0, (int)body.Length));
    }

    private static bool IsJson(MediaTypeHeaderValue type) =>
        type.MediaType.Equals(ContentType, StringComparison.OrdinalIgnoreCase) || type.MediaType.Equals(PatchType, StringComparison.OrdinalIgnoreCase);
}

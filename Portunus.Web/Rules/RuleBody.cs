using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Portunus.Web.Api;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Rules;

/// <summary>A rule in the body of a request.</summary>
internal sealed class RuleBody : IEndpointParameterMetadataProvider
{
    private RuleBody(Outcome<RuleAsked> read) => Read = read;

    public Outcome<RuleAsked> Read { get; }

    public static async ValueTask<RuleBody> BindAsync(HttpContext context)
    {
        var element = await JsonBody.ReadAsync(context.Request);
        return new RuleBody(element.TryGet(out var found) ? RuleText.Read(found) : element.As<RuleAsked>());
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new AcceptsMetadata([JsonBody.ContentType], typeof(RuleRequest)));
}

/// <summary>A merge patch of a rule in the body of a request.</summary>
internal sealed class RulePatchBody : IEndpointParameterMetadataProvider
{
    private readonly Outcome<JsonElement> _element;

    private RulePatchBody(Outcome<JsonElement> element) => _element = element;

    /// <summary>What the rule would be asked to be; or every problem of the patch.</summary>
    public Outcome<RuleAsked> ApplyTo(RuleAsked current) => _element.TryGet(out var patch) ? RuleText.Patch(current, patch) : _element.As<RuleAsked>();

    public static async ValueTask<RulePatchBody> BindAsync(HttpContext context) => new(await JsonBody.ReadAsync(context.Request));

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new AcceptsMetadata([JsonBody.PatchType, JsonBody.ContentType], typeof(RuleRequest)));
}

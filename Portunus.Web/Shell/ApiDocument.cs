using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Portunus.Web.Api;
using Portunus.Web.Options;

namespace Portunus.Web.Shell;

/// <summary>The OpenAPI document of the admin API at <c>/openapi/v1.json</c>, made of what every route says of itself.</summary>
internal static class ApiDocument
{
    private const string Name = "v1";
    private const string Bearer = "bearer";
    private const string Cookie = "cookie";

    /// <summary>Codes that every route may answer with, beside its own.</summary>
    private static readonly string[] s_everywhere = ["internal", "rate_limited", "store_busy", "store_failed", "store_full"];

    private static readonly string[] s_withBody = ["malformed_body", "unknown_field", "wrong_type", "duplicate_field", "content_type", "body_too_large"];

    private static readonly string[] s_signedIn = ["unauthenticated", "token_invalid", "password_change_required"];

    private static readonly string[] s_changes = ["scope_required", "csrf_header_required", "csrf_origin_mismatch"];

    public static IServiceCollection AddApiDocument(this IServiceCollection services, string cookieName) => services.AddOpenApi(Name, options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.ShouldInclude = _ => true;
        HashSet<Type>? requests = null;
        options.AddSchemaTransformer((schema, context, _) =>
        {
            requests ??= [.. context.ApplicationServices.GetRequiredService<EndpointDataSource>().Endpoints
                .Select(endpoint => endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType).OfType<Type>()];
            if ((Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type) == typeof(DateTimeOffset))
            {
                schema.Type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) is null ? JsonSchemaType.String : JsonSchemaType.String | JsonSchemaType.Null;
                schema.Format = "date-time";
            }

            // Whether a field is needed is the Writers' to say, with a code; the shape of a request leaves everything out.
            if (requests.Contains(context.JsonTypeInfo.Type))
            {
                schema.Required = null;
            }

            return Task.CompletedTask;
        });
        options.AddOperationTransformer(DescribeAsync);
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Portunus",
                Version = WebVersion.Text,
                Description = "Accounts, edges, grants, rules and the audit log of a Portunus control plane. Every refusal is a problem (RFC 9457) with a stable code and all errors by field.",
            };
            // Where it is served is known to whoever fetched it.
            document.Servers = [];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
            {
                [Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API token. It wins over any cookie." },
                [Cookie] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.ApiKey,
                    In = ParameterLocation.Cookie,
                    Name = cookieName,
                    Description = $"Of a sign-in. Changes need the header {RequestGate.CsrfHeader}: 1 and the same origin.",
                },
            };
            return Task.CompletedTask;
        });
    });

    public static void MapApiDocument(this IEndpointRouteBuilder routes) =>
        routes.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous().ExcludeFromDescription();

    private static async Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancel)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<RouteFacts>().FirstOrDefault() is not { } facts || context.Document is not { } document)
        {
            return;
        }

        var isChange = context.Description.HttpMethod is not ("GET" or "HEAD");
        var codes = facts.Codes
            .Concat(s_everywhere)
            .Concat(operation.RequestBody is null ? [] : s_withBody)
            .Concat(facts.Access == RouteAccess.Anyone ? [] : s_signedIn)
            .Concat(facts.Access is RouteAccess.Overseers or RouteAccess.Superadmin ? ["role_required"] : [])
            .Concat(facts.Access != RouteAccess.Anyone && isChange ? s_changes : [])
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .ToList();
        operation.Description = $"{WhoMayCall(facts)} Refuses with: {string.Join(", ", codes)}.";
        operation.Tags = new HashSet<OpenApiTagReference> { new(TagOf(context.Description.RelativePath ?? ""), document) };
        operation.AddExtension("x-portunus-access", new JsonNodeExtension(JsonNamingWord(facts.Access)));
        operation.AddExtension("x-portunus-scope", new JsonNodeExtension(facts.Scope));
        operation.AddExtension("x-portunus-codes", new JsonNodeExtension(new JsonArray([.. codes.Select(code => (JsonNode)code)])));
        operation.Security = facts.Access == RouteAccess.Anyone
            ? []
            : [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] }, new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Cookie, document)] = [] }];
        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>().Where(parameter => parameter.In == ParameterLocation.Path))
        {
            parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" };
        }

        if (facts.Codes.Contains("revision_required"))
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = "If-Match",
                In = ParameterLocation.Header,
                Description = "The ETag that reading it answered, or * for any revision.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }

        operation.Responses ??= [];
        operation.Responses["default"] = new OpenApiResponse
        {
            Description = "A problem: nothing was changed.",
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                [ApiProblems.ContentType] = new OpenApiMediaType { Schema = await context.GetOrCreateSchemaAsync(typeof(ApiProblem), null, cancel) },
            },
        };
    }

    private static string WhoMayCall(RouteFacts facts)
    {
        var who = facts.Access switch
        {
            RouteAccess.Anyone => "Anybody may call it.",
            RouteAccess.SignedIn => "Any account may call it.",
            RouteAccess.Overseers => "Superadmins and auditors may call it.",
            _ => "Superadmins may call it.",
        };
        return facts.Scope.Length == 0 ? who : $"{who} A token needs the scope {facts.Scope}.";
    }

    private static string JsonNamingWord(RouteAccess access) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(access.ToString());

    private static string TagOf(string path) => path.Trim('/').Split('/') is ["v1", var room, ..] ? room : "health";
}

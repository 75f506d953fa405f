using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Portunus.Web.Accounts;
using Portunus.Web.Options;

namespace Portunus.Web.Shell;

/// <summary>
/// The description of the API for programs, made from the routes themselves: their facts, the types they take and answer with the
/// comments on these, and the codes in the pages.
/// </summary>
internal static class ApiDocument
{
    public const string Path = "/openapi/v1.json";

    public const string Bearer = "bearer";
    public const string Cookie = "cookie";
    public const string Csrf = "csrf";

    private static readonly Dictionary<string, string> s_everywhere = new(StringComparer.Ordinal)
    {
        ["id"] = "Its id, for ever: never used again.",
        ["name"] = "For people.",
        ["revision"] = "Counts up with each change; the ETag of the answer, for If-Match.",
        ["created_at"] = "When it was made.",
        ["changed_at"] = "When it was last changed.",
        ["expires_at"] = "When it ends; null is never.",
        ["expired"] = "Whether it has ended.",
        ["edge"] = "Id of the edge.",
        ["edge_name"] = "What the edge is called now.",
        ["owner"] = "Id of the owner.",
        ["owner_name"] = "What the owner is called now.",
        ["account"] = "Id of the account.",
        ["account_id"] = "Id of the account.",
        ["account_name"] = "What the account is called now.",
        ["note"] = "What somebody wrote beside it.",
        ["protocol"] = "`tcp` or `udp`.",
        ["protocols"] = "`tcp`, `udp` or both.",
        ["ports"] = "One port or `first-last`.",
        ["listen_ports"] = "One port or `first-last`.",
        ["local_targets"] = "Whether rules may aim at the edge's own loopback, link-local and other own addresses.",
        ["public_address"] = "Where people reach the edge's ports.",
        ["version"] = "Of the program.",
        ["last_seen_at"] = "When it was last heard of; null is never.",
        ["last_seen_from"] = "From which address it was last heard of.",
        ["enrolled_at"] = "When a machine became it; null is not yet.",
        ["revoked_at"] = "When it was shut out; null is not.",
        ["rule_count"] = "How many rules it has.",
        ["created_by"] = "Id of the account that made it; null for the command line.",
        ["redeemed_at"] = "When a machine redeemed it; null is not yet.",
        ["redeemed_from"] = "The address of that machine.",
        ["last_used_at"] = "When it was last used, to a minute; null is never.",
        ["last_used_from"] = "From which address it was last used.",
        ["hint"] = "How its secret begins.",
        ["secret"] = "Told this once.",
        ["temporary_password"] = "Told this once, and must be changed at the first sign-in; null where the caller chose one.",
        ["recovery_codes"] = "Each works once.",
        ["kind"] = "What sort of thing it is.",
        ["goes_with_it"] = "What is removed with it.",
        ["field"] = "Path of the field, as JSON spells it; empty where it is about the whole.",
        ["code"] = "Stable, for programs.",
        ["message"] = "One sentence for people.",
    };

    public static IServiceCollection AddApiDocument(this IServiceCollection services) => services.AddSingleton<ApiDocumentText>().AddOpenApi("v1", options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddSchemaTransformer(ApiDocumentSchemas.TransformAsync);
        options.AddOperationTransformer(ApiDocumentOperations.TransformAsync);
        options.AddDocumentTransformer(TransformAsync);
    });

    /// <summary>Open to all: it says nothing that the pages do not.</summary>
    public static void MapApiDocument(this IEndpointRouteBuilder routes) => routes
        .MapGet(Path, async (HttpContext http, ApiDocumentText text) => Results.Bytes(await text.GetAsync(http.RequestAborted), "application/json"))
        .AllowAnonymous()
        .ExcludeFromDescription();

    private static Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancel)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Portunus",
            Version = WebVersion.Text,
            Description = "Rules, grants, edges and accounts of the control plane. Bodies are read strictly, every refusal has the same shape, and every change leaves an entry in the audit log.",
        };
        // Whoever reads it knows where it came from; an address made of the Host header would be the caller's own word.
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Tags = null;
        var components = document.Components ??= new OpenApiComponents();
        components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            [Bearer] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "An API token. Its scope is read or write; where a token is sent, no cookie counts.",
            },
            [Cookie] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Cookie,
                Name = context.ApplicationServices.GetRequiredService<AccountsOptions>().CookieName,
                Description = "As signing in sets it.",
            },
            [Csrf] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = RequestGate.CsrfHeader,
                Description = "1, with every change by cookie, and from the same origin: other sites cannot send it.",
            },
        };
        Fill(components);
        return Task.CompletedTask;
    }

    /// <summary>Fields that mean the same wherever they are have one sentence, unless their type has a better one.</summary>
    private static void Fill(OpenApiComponents components)
    {
        foreach (var (name, field) in components.Schemas?.Values.SelectMany(schema => schema.Properties ?? new Dictionary<string, IOpenApiSchema>()) ?? [])
        {
            if (field is OpenApiSchema { OneOf: null or { Count: 0 } } plain && string.IsNullOrEmpty(plain.Description))
            {
                plain.Description = s_everywhere.GetValueOrDefault(name);
            }
        }
    }
}

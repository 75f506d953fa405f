using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;
using Portunus.Web.Api;
using Portunus.Web.Rules;

namespace Portunus.Web.Shell;

/// <summary>Turns the facts of a route into what its operation says: who may call it, its parameters, and every refusal with its codes.</summary>
internal static class ApiDocumentOperations
{
    /// <summary>Machine-readable beside the sentence: the role and, on refusals, the codes.</summary>
    public const string RoleKey = "x-portunus-role";

    public const string CodesKey = "x-portunus-codes";

    private static readonly string[] s_everywhere = ["malformed_request", "rate_limited", "internal", "store_busy", "store_failed", "store_full"];

    private static readonly string[] s_signedIn = ["unauthenticated", "token_invalid"];

    private static readonly string[] s_body = ["content_type", "body_too_large", "malformed_body", "unknown_field", "duplicate_field", "wrong_type"];

    /// <summary>Every query parameter that any route takes, with its meaning.</summary>
    private static readonly Dictionary<string, string> s_queries = new(StringComparer.Ordinal)
    {
        ["limit"] = "How many at most, 1–1000. Default 100.",
        ["cursor"] = "Where to go on: what `next` of the page before said.",
        ["sort"] = "`id` (default), `name`, `listen_port` or `changed_at`; with `-` ahead the other way round.",
        ["ports"] = "`true` tells each port as well, and has the edge tell of them for half a minute.",
        ["targets"] = "`true` tells each target as well.",
        ["dry_run"] = "`true` changes nothing and answers what would go or stop.",
        ["flows"] = "What live flows do: `keep`, `drain` or `cut`. A change keeps them, and what stops a rule drains them, unless told otherwise.",
        ["wait"] = "How long the answer may wait for the edge to tell what became of the rule: 0 s to 30 s, as `2s`. Default 0.",
        ["deadline"] = "How long flows may drain: 1 s to 24 h, as `90`, `90s`, `5m`, `1h`. Default 30 s.",
        ["edge"] = "Only those of this edge, by its id.",
        ["owner"] = "Only those of this account, by its id.",
        ["account"] = "Only those of this account, by its id.",
        ["protocol"] = "Only `tcp` or `udp`.",
        ["state"] = "Only `enabled`, `disabled` or `expired` ones.",
        ["applied"] = "Only those that stand so on their edges: `waiting`, `listening`, `refused`, `draining` or `stopped`.",
        ["port"] = "Only those that listen on this port, 1–65535.",
        ["q"] = "Only those with this text in a name, address, target or note, in any case.",
        ["search"] = "Only those with this text in a name, in any case.",
        ["role"] = "Only `user`, `auditor` or `superadmin` ones.",
        ["disabled"] = "Only disabled (`true`) or other ones (`false`).",
        ["actor"] = "Who did it: an account's id, or a name as it was then.",
        ["action"] = "What was done: a name such as `rule.create`, or the beginning of some with `*`.",
        ["subject"] = "What it was done to: a kind, or `kind:id`.",
        ["outcome"] = "Only `done` or `refused` ones.",
        ["since"] = "Not before this time, with its offset.",
        ["until"] = "Before this time, with its offset.",
        ["request_id"] = "Only those of one request, as its answer's X-Request-Id said.",
    };

    public static async Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancel)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var facts = metadata.OfType<RouteFacts>().LastOrDefault()
            ?? throw new InvalidOperationException($"{context.Description.HttpMethod} {context.Description.RelativePath} is not described");
        var accepts = metadata.OfType<IAcceptsMetadata>().LastOrDefault();
        operation.Tags = null;
        Secure(operation, context, facts);
        Parameters(operation, facts);
        if (accepts is not null)
        {
            operation.RequestBody!.Description = accepts.ContentTypes.Contains(JsonBody.PatchType)
                ? "A merge patch (RFC 7396): fields given replace, null takes away, fields left out stay."
                : "Read strictly: nothing unknown, nothing twice.";
        }

        foreach (var (_, response) in operation.Responses ?? [])
        {
            response.Description = string.IsNullOrEmpty(response.Description) ? "Done." : response.Description;
        }

        await RefusalsAsync(operation, context, facts, accepts, cancel);
    }

    private static void Secure(OpenApiOperation operation, OpenApiOperationTransformerContext context, RouteFacts facts)
    {
        var isChange = !HttpMethods.IsGet(context.Description.HttpMethod ?? "GET");
        var role = facts.Access switch
        {
            RouteAccess.Anyone => "anyone",
            RouteAccess.SignedIn => "signed_in",
            RouteAccess.Overseers => "superadmin or auditor",
            _ => "superadmin",
        };
        operation.Extensions ??= new Dictionary<string, IOpenApiExtension>(StringComparer.Ordinal);
        operation.Extensions[RoleKey] = new JsonNodeExtension(role);
        operation.Description = facts.Access switch
        {
            RouteAccess.Anyone => "For anyone, signed in or not.",
            RouteAccess.SignedIn => $"For every account; a token needs scope {facts.Scope}.",
            RouteAccess.Overseers => $"For superadmins and auditors; a token needs scope {facts.Scope}.",
            _ => $"For superadmins; a token needs scope {facts.Scope}.",
        };
        if (facts.Access == RouteAccess.Anyone)
        {
            operation.Security = [];
            return;
        }

        var cookie = new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(ApiDocument.Cookie, context.Document)] = [] };
        if (isChange)
        {
            cookie[new OpenApiSecuritySchemeReference(ApiDocument.Csrf, context.Document)] = [];
        }

        operation.Security = [new() { [new OpenApiSecuritySchemeReference(ApiDocument.Bearer, context.Document)] = [facts.Scope] }, cookie];
    }

    private static void Parameters(OpenApiOperation operation, RouteFacts facts)
    {
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            if (parameter.In == ParameterLocation.Path)
            {
                parameter.Description = "An id, as the API answered it.";
                parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" };
            }
            else if (parameter.In == ParameterLocation.Query)
            {
                parameter.Description = s_queries.GetValueOrDefault(parameter.Name ?? "");
            }
        }

        if (StrictQuery.TakesRevision(facts))
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = "If-Match",
                In = ParameterLocation.Header,
                Required = false,
                Description = "The revision that the change is meant for: the ETag of what was read, or `*`, as when it is left out, for whatever is stored.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }
    }

    private static async Task RefusalsAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, RouteFacts facts, IAcceptsMetadata? accepts, CancellationToken cancel)
    {
        var problem = await context.GetOrCreateSchemaAsync(typeof(ApiProblem), null, cancel);
        context.Document!.AddComponent(nameof(ApiProblem), problem);
        var byStatus = new SortedDictionary<int, SortedDictionary<string, string>>();
        foreach (var code in Codes(context, facts, accepts))
        {
            var known = PageTables.Find(code);
            foreach (var status in known.Statuses)
            {
                Add(byStatus, status, code, known.Meaning);
            }
        }

        if (accepts?.RequestType == typeof(RuleRequest))
        {
            foreach (var (code, meaning) in PageTables.Rule)
            {
                Add(byStatus, StatusCodes.Status422UnprocessableEntity, code, meaning);
            }
        }

        operation.Responses ??= [];
        foreach (var (status, codes) in byStatus)
        {
            operation.Responses[status.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponse
            {
                Description = $"{ReasonPhrases.GetReasonPhrase(status)}. " + string.Join("; ", codes.Select(code => $"`{code.Key}`: {code.Value}")) + ".",
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                {
                    [ApiProblems.ContentType] = new() { Schema = new OpenApiSchemaReference(nameof(ApiProblem), context.Document) },
                },
                Extensions = new Dictionary<string, IOpenApiExtension>(StringComparer.Ordinal)
                {
                    [CodesKey] = new JsonNodeExtension(new JsonArray([.. codes.Keys.Select(code => (JsonNode)code)])),
                },
            };
        }
    }

    private static HashSet<string> Codes(OpenApiOperationTransformerContext context, RouteFacts facts, IAcceptsMetadata? accepts)
    {
        var codes = new HashSet<string>(s_everywhere, StringComparer.Ordinal);
        codes.UnionWith(facts.Codes);
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<StrictQuery>().Any())
        {
            codes.UnionWith(StrictQuery.Codes);
            codes.UnionWith(StrictQuery.TakesRevision(facts) ? [] : [StrictQuery.NotTaken]);
        }

        var isChange = !HttpMethods.IsGet(context.Description.HttpMethod ?? "GET");
        if (facts.Access != RouteAccess.Anyone)
        {
            codes.UnionWith(s_signedIn);
            if (!context.Description.ActionDescriptor.EndpointMetadata.OfType<Accounts.OwesPassword>().Any())
            {
                codes.Add("password_change_required");
            }

            if (isChange)
            {
                codes.UnionWith(["csrf_header_required", "scope_required"]);
            }
        }

        if (isChange)
        {
            codes.Add("csrf_origin_mismatch");
        }

        if (facts.Access is RouteAccess.Overseers or RouteAccess.Superadmin)
        {
            codes.Add("role_required");
        }

        if (accepts is not null)
        {
            codes.UnionWith(s_body);
        }

        return codes;
    }

    private static void Add(SortedDictionary<int, SortedDictionary<string, string>> byStatus, int status, string code, string meaning)
    {
        if (!byStatus.TryGetValue(status, out var codes))
        {
            byStatus[status] = codes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        }

        codes[code] = meaning;
    }
}

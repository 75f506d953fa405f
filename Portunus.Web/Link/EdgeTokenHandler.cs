using System.Data.Common;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Portunus.Shared.Link;
using Portunus.Web.Api;
using Portunus.Web.Audit;
using Portunus.Web.Edges;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Link;

/// <summary>
/// Who opens a link. The answers are what an edge goes by: 410 stops it for good, everything else it tries again. So a store that
/// cannot be read is never told as a credential that is not known.
/// </summary>
internal sealed class EdgeTokenHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> schemes, ILoggerFactory loggers, UrlEncoder encoder, EdgeCredentialReader reader, EdgeConnections connections,
    LinkMeter meter, ILogger<EdgeTokenHandler> log)
    : AuthenticationHandler<AuthenticationSchemeOptions>(schemes, loggers, encoder)
{
    public const string SchemeName = "Edge";

    private const string Bearer = "Bearer ";
    private const int MaxInstance = 64;

    private static readonly Problem s_unknown = new("credential_unknown", "", "No edge has this credential.", ProblemKind.Unauthenticated);

    private static readonly Problem s_revoked = new("edge_revoked", "", "This edge was revoked or deleted; it must be enrolled again.", ProblemKind.Gone);

    private static readonly Problem s_taken = Problem.Conflict("edge_already_connected", "", "Another process is connected with this credential.");

    private static readonly Problem s_noInstance = new("instance_malformed", "", $"The header {LinkRoutes.InstanceHeader} must have 1 to 64 letters, digits and dashes.", ProblemKind.Malformed);

    private static readonly Problem s_storeFailed = new("store_failed", "", "The store cannot be read; try again.", ProblemKind.Unavailable);

    private Problem _refusal = s_unknown;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var sent = Request.Headers.Authorization;
        if (sent.Count != 1 || !sent.ToString().StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return Refuse(s_unknown);
        }

        var instance = Request.Headers[LinkRoutes.InstanceHeader].ToString();
        if (instance.Length is 0 or > MaxInstance || !instance.All(one => char.IsAsciiLetterOrDigit(one) || one == '-'))
        {
            return Refuse(s_noInstance);
        }

        KnownEdge known;
        try
        {
            known = await reader.FindAsync(sent.ToString()[Bearer.Length..].Trim(), Context.RequestAborted);
        }
        catch (DbException broken)
        {
            LinkLog.CredentialNotRead(log, broken);
            return Refuse(s_storeFailed);
        }

        if (known.Trust != EdgeTrust.Trusted)
        {
            return Refuse(known.Trust == EdgeTrust.Revoked ? s_revoked : s_unknown);
        }

        if (!connections.MayOpen(known.Edge, instance))
        {
            LinkLog.SecondInstance(log, known.Edge, known.Name, ActorSource.RemoteAddress(Context));
            return Refuse(s_taken);
        }

        Context.Features.Set(new LinkCaller(known.Edge, known.Name, known.Hash, instance, ActorSource.RemoteAddress(Context)));
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, known.Edge.ToString())], SchemeName);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => ApiProblems.WriteAsync(Context, _refusal);

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => ApiProblems.WriteAsync(Context, _refusal);

    private AuthenticateResult Refuse(Problem problem)
    {
        _refusal = problem;
        meter.Count(problem.Code);
        LinkLog.Refused(log, ActorSource.RemoteAddress(Context), problem.Code);
        return AuthenticateResult.Fail(problem.Code);
    }
}

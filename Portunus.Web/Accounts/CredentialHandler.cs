using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Portunus.Web.Api;
using Portunus.Web.Audit;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Accounts;

/// <summary>
/// Who sent a request. A bearer token, where one is sent, is all that counts: a stale cookie beside it must not get in its way, and
/// a good cookie must not save a bad token. Nothing sent, nothing known: closed.
/// </summary>
internal sealed class CredentialHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> schemes, ILoggerFactory loggers, UrlEncoder encoder, CredentialReader reader, AccountsOptions options,
    ILogger<CredentialReader> log)
    : AuthenticationHandler<AuthenticationSchemeOptions>(schemes, loggers, encoder)
{
    public const string SchemeName = "Portunus";

    private const string Bearer = "Bearer";

    private static readonly Problem s_badToken = new("token_invalid", "", "The token is wrong, expired or revoked, or its account is disabled.", ProblemKind.Unauthenticated);

    private bool _isTokenBad;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (ListenerMark.Of(Context) == ListenerKind.Link)
        {
            // What edges send is no credential of an account, and no account gets in by their listener.
            return AuthenticateResult.NoResult();
        }

        var address = ActorSource.RemoteAddress(Context);
        var sent = Request.Headers.Authorization;
        if (sent.Count > 0)
        {
            var text = sent.Count == 1 ? sent.ToString() : "";
            var actor = text.StartsWith(Bearer + " ", StringComparison.OrdinalIgnoreCase)
                ? await reader.ByTokenAsync(text[(Bearer.Length + 1)..].Trim(), address, Context.TraceIdentifier, Context.RequestAborted)
                : null;
            _isTokenBad = actor is null;
            if (_isTokenBad)
            {
                AccountsLog.CredentialRefused(log, address, s_badToken.Code);
            }

            return actor is null ? AuthenticateResult.Fail(s_badToken.Code) : Success(actor);
        }

        if (!Request.Cookies.TryGetValue(options.CookieName, out var cookie) || string.IsNullOrEmpty(cookie))
        {
            return AuthenticateResult.NoResult();
        }

        var signedIn = await reader.ByCookieAsync(cookie, address, Context.TraceIdentifier, Context.RequestAborted);
        return signedIn is null ? AuthenticateResult.Fail("sign_in_ended") : Success(signedIn);
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) =>
        ApiProblems.WriteAsync(Context, _isTokenBad ? s_badToken : AccountReader.Unknown);

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        ApiProblems.WriteAsync(Context, Problem.Forbidden("role_required", "This account may not do this."));

    private AuthenticateResult Success(Actor actor)
    {
        Context.Features.Set(actor);
        var identity = new ClaimsIdentity(
            [
                new Claim(ClaimTypes.NameIdentifier, actor.Id?.ToString() ?? ""),
                new Claim(ClaimTypes.Name, actor.Name),
                new Claim(ClaimTypes.Role, actor.Role?.ToString() ?? ""),
            ],
            SchemeName);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }
}

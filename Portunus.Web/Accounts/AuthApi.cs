using Portunus.Web.Api;
using Portunus.Web.Audit;

namespace Portunus.Web.Accounts;

/// <summary>Where the program stands, for whoever asks.</summary>
/// <param name="SetupRequired">There is no superadmin yet: the first run is waiting.</param>
/// <param name="SignedIn">The credential sent with this request is good.</param>
internal sealed record AuthStatus(bool SetupRequired, bool SignedIn);

/// <summary>What signing in answers; the cookie is beside it.</summary>
/// <param name="Account">Who.</param>
/// <param name="MustChangePassword">Nothing else is taken before a new password.</param>
/// <param name="ExpiresAt">When the sign-in ends at the latest.</param>
internal sealed record SignInAnswer(AccountView Account, bool MustChangePassword, DateTimeOffset ExpiresAt);

/// <summary>First run, signing in and out.</summary>
internal static class AuthApi
{
    public static void MapAuth(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/auth/status", async (HttpContext http, AccountReader reader) =>
                Results.Json(new AuthStatus(!await reader.HasSuperadminAsync(http.RequestAborted), http.Actor().Id is not null), ApiJson.Options))
            .Produces<AuthStatus>()
            .Describe("getAuthStatus", "Whether the first run is waiting, and whether the caller is signed in.", RouteAccess.Anyone, "");
        v1.MapPost("/auth/setup", async (HttpContext http, JsonBody<SetupAsked> body, SetupTokens setup) =>
                body.Read.TryGet(out var asked)
                    ? (await setup.UseAsync(http.Actor(), asked, http.RequestAborted)).Created(account => $"/v1/accounts/{account.Id}")
                    : ApiProblems.Of(body.Read.Problems))
            .Produces<AccountView>(StatusCodes.Status201Created)
            .Describe("setUp", "Makes the first superadmin with the setup token that the program printed.", RouteAccess.Anyone, "",
                "setup_token_invalid", "already_set_up", "name_missing", "name_shape", "name_reserved", "name_taken", "display_name_length", "display_name_character",
                "password_missing", "password_too_short", "password_too_long", "password_common", "password_character", "throttled", "sign_in_busy");
        v1.MapPost("/auth/sign-in", SignInAsync)
            .Produces<SignInAnswer>()
            .Describe("signIn", "Signs in with name, password and, where there is a second factor, a code. Answers a cookie.", RouteAccess.Anyone, "",
                "sign_in_failed", "second_factor_required", "second_factor_wrong", "throttled", "sign_in_busy");
        v1.MapPost("/auth/sign-out", SignOutAsync)
            .Produces(StatusCodes.Status204NoContent)
            .Describe("signOut", "Ends the sign-in that the request came by.", RouteAccess.SignedIn, "write", "session_not_found");
    }

    private static async Task<IResult> SignInAsync(HttpContext http, JsonBody<SignInAsked> body, SignInWriter writer, AccountsOptions options)
    {
        if (!body.Read.TryGet(out var asked))
        {
            return ApiProblems.Of(body.Read.Problems);
        }

        // Whoever signs in is nobody yet, also when an older cookie or a token came with the request.
        var nobody = Actor.Nobody(ActorSource.RemoteAddress(http), http.TraceIdentifier);
        var outcome = await writer.SignInAsync(nobody, asked, http.Request.Headers.UserAgent.ToString(), http.RequestAborted);
        if (outcome.TryGet(out var signedIn))
        {
            http.Response.Cookies.Append(options.CookieName, signedIn.Secret, Cookie(options, signedIn.ExpiresAt));
        }

        return outcome.Select(one => new SignInAnswer(one.Account, one.Account.MustChangePassword, one.ExpiresAt)).Ok();
    }

    private static async Task<IResult> SignOutAsync(HttpContext http, SignInWriter writer, AccountsOptions options)
    {
        var outcome = await writer.SignOutAsync(http.Actor(), http.RequestAborted);
        http.Response.Cookies.Delete(options.CookieName, Cookie(options, expires: null));
        return outcome.NoContent();
    }

    /// <summary>Scripts cannot read it, other sites cannot send it, and with https it never goes in the clear.</summary>
    private static CookieOptions Cookie(AccountsOptions options, DateTimeOffset? expires) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = options.IsHttps,
        Path = "/",
        Expires = expires,
        IsEssential = true,
    };
}

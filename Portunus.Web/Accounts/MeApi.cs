using Portunus.Web.Api;
using Portunus.Web.Audit;
using Portunus.Web.Database.Ids;

namespace Portunus.Web.Accounts;

/// <summary>What everybody does with the own account.</summary>
internal static class MeApi
{
    private static readonly string[] s_proof = ["password_wrong", "second_factor_required", "second_factor_wrong", "throttled", "sign_in_busy"];

    public static void MapMe(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/me", async (HttpContext http, AccountReader reader) => (await reader.MeAsync(http.Actor(), http.RequestAborted)).Ok())
            .Produces<MeView>()
            .Describe("getMe", "The caller's own account, and what the credential may be used for.", RouteAccess.SignedIn, "read")
            .WithMetadata(new OwesPassword());
        v1.MapPut("/me/password", async (HttpContext http, JsonBody<PasswordChange> body, PasswordWriter writer) =>
                body.Read.TryGet(out var asked) ? (await writer.ChangeAsync(http.Actor(), asked, http.RequestAborted)).NoContent() : ApiProblems.Of(body.Read.Problems))
            .Produces(StatusCodes.Status204NoContent)
            .Describe("changePassword", "Chooses a new password. All other sign-ins end.", RouteAccess.SignedIn, "write",
                "password_wrong", "password_missing", "password_too_short", "password_too_long", "password_common", "password_character", "password_unchanged",
                "throttled", "sign_in_busy")
            .WithMetadata(new OwesPassword());
        MapTokens(v1);
        MapSessions(v1);
        MapSecondFactor(v1);
    }

    private static void MapTokens(IEndpointRouteBuilder v1)
    {
        v1.MapGet("/me/tokens", async (HttpContext http, AccountReader reader) =>
                http.Actor().Id is { } id ? (await reader.TokensAsync(http.Actor(), id, http.RequestAborted)).Ok() : ApiProblems.Of(AccountReader.Unknown))
            .Produces<Page<TokenView>>()
            .Describe("listOwnTokens", "The caller's API tokens, without their secrets.", RouteAccess.SignedIn, "read");
        v1.MapPost("/me/tokens", async (HttpContext http, JsonBody<TokenAsked> body, TokenWriter writer) =>
                body.Read.TryGet(out var asked)
                    ? (await writer.CreateAsync(http.Actor(), asked, http.RequestAborted)).Created(made => $"/v1/me/tokens/{made.Token.Id}")
                    : ApiProblems.Of(body.Read.Problems))
            .Produces<TokenMade>(StatusCodes.Status201Created)
            .Describe("createOwnToken", "Makes an API token. Its secret is answered this once.", RouteAccess.SignedIn, "write",
                "name_length", "scope_missing", "expires_at_past", "token_outlives", "token_limit");
        v1.MapDelete("/me/tokens/{id:id}", async (HttpContext http, ApiTokenId id, TokenWriter writer) =>
                http.Actor().Id is { } owner ? (await writer.RevokeAsync(http.Actor(), owner, id, http.RequestAborted)).NoContent() : ApiProblems.Of(AccountReader.Unknown))
            .Produces(StatusCodes.Status204NoContent)
            .Describe("revokeOwnToken", "Revokes one of the caller's tokens, at once.", RouteAccess.SignedIn, "write", "token_not_found");
    }

    private static void MapSessions(IEndpointRouteBuilder v1)
    {
        v1.MapGet("/me/sessions", async (HttpContext http, AccountReader reader, TimeProvider clock) =>
                (await reader.SignInsAsync(http.Actor(), clock.GetUtcNow(), http.RequestAborted)).Ok())
            .Produces<Page<SignInView>>()
            .Describe("listOwnSessions", "Browsers signed in to the caller's account.", RouteAccess.SignedIn, "read");
        v1.MapDelete("/me/sessions/{id:id}", async (HttpContext http, SignInId id, SignInWriter writer) =>
                (await writer.EndAsync(http.Actor(), id, http.RequestAborted)).NoContent())
            .Produces(StatusCodes.Status204NoContent)
            .Describe("endOwnSession", "Signs one browser out.", RouteAccess.SignedIn, "write", "session_not_found");
        v1.MapDelete("/me/sessions", async (HttpContext http, SignInWriter writer) => (await writer.EndOthersAsync(http.Actor(), http.RequestAborted)).NoContent())
            .Produces(StatusCodes.Status204NoContent)
            .Describe("endOtherSessions", "Signs every browser out but the one this request came from.", RouteAccess.SignedIn, "write");
    }

    private static void MapSecondFactor(IEndpointRouteBuilder v1)
    {
        v1.MapGet("/me/second-factor", async (HttpContext http, AccountReader reader) => (await reader.SecondFactorAsync(http.Actor(), http.RequestAborted)).Ok())
            .Produces<SecondFactorView>()
            .Describe("getSecondFactor", "Whether signing in needs a code, and how many recovery codes are left.", RouteAccess.SignedIn, "read");
        v1.MapPost("/me/second-factor", async (HttpContext http, JsonBody<ProofAsked> body, SecondFactorWriter writer) =>
                body.Read.TryGet(out var asked) ? (await writer.StartAsync(http.Actor(), asked, http.RequestAborted)).Ok() : ApiProblems.Of(body.Read.Problems))
            .Produces<SecondFactorStarted>()
            .Describe("startSecondFactor", "Hands out a new secret for an authenticator app, this once.", RouteAccess.SignedIn, "write", s_proof);
        v1.MapPost("/me/second-factor/confirm", async (HttpContext http, JsonBody<CodeAsked> body, SecondFactorWriter writer) =>
                body.Read.TryGet(out var asked) ? (await writer.ConfirmAsync(http.Actor(), asked, http.RequestAborted)).Ok() : ApiProblems.Of(body.Read.Problems))
            .Produces<RecoveryCodesMade>()
            .Describe("confirmSecondFactor", "Turns the second factor on with its first code, and answers recovery codes, this once.", RouteAccess.SignedIn, "write",
                "second_factor_not_started", "second_factor_wrong");
        v1.MapPost("/me/second-factor/remove", async (HttpContext http, JsonBody<ProofAsked> body, SecondFactorWriter writer) =>
                body.Read.TryGet(out var asked) ? (await writer.RemoveAsync(http.Actor(), asked, http.RequestAborted)).NoContent() : ApiProblems.Of(body.Read.Problems))
            .Produces(StatusCodes.Status204NoContent)
            .Describe("removeSecondFactor", "Turns the second factor off.", RouteAccess.SignedIn, "write", s_proof);
        v1.MapPost("/me/second-factor/recovery-codes", async (HttpContext http, JsonBody<ProofAsked> body, SecondFactorWriter writer) =>
                body.Read.TryGet(out var asked) ? (await writer.RenewCodesAsync(http.Actor(), asked, http.RequestAborted)).Ok() : ApiProblems.Of(body.Read.Problems))
            .Produces<RecoveryCodesMade>()
            .Describe("renewRecoveryCodes", "Answers new recovery codes, this once; the older ones are worth nothing from now on.", RouteAccess.SignedIn, "write",
                [.. s_proof, "second_factor_off"]);
    }
}

using Portunus.Shared.Ids;
using Portunus.Web.Api;
using Portunus.Web.Audit;
using Portunus.Web.Database.Ids;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Accounts;

/// <summary>Accounts over HTTP, for superadmins and, to read, auditors.</summary>
internal static class AccountApi
{
    private static readonly string[] s_names = ["name_missing", "name_shape", "name_reserved", "name_taken", "display_name_length", "display_name_character"];
    private static readonly string[] s_passwords = ["password_too_short", "password_too_long", "password_common", "password_character", "sign_in_busy"];

    public static void MapAccounts(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/accounts", PageAsync)
            .Produces<Page<AccountView>>()
            .Describe("listAccounts", "Accounts by name.", RouteAccess.Overseers, "read", "limit_bounds", "cursor_malformed", "role_unknown", "disabled_unknown");
        v1.MapPost("/accounts", async (HttpContext http, JsonBody<AccountAsked> body, AccountWriter writer) =>
                body.Read.TryGet(out var asked)
                    ? (await writer.CreateAsync(http.Actor(), asked, http.RequestAborted)).Created(made => $"/v1/accounts/{made.Account.Id}")
                    : ApiProblems.Of(body.Read.Problems))
            .Produces<AccountMade>(StatusCodes.Status201Created)
            .Describe("createAccount", "Makes an account. Without a password the program chooses one and answers it this once.", RouteAccess.Superadmin, "write",
                [.. s_names, .. s_passwords, "password_missing"]);
        v1.MapGet("/accounts/{id:id}", async (HttpContext http, AccountId id, AccountReader reader) => (await reader.FindAsync(http.Actor(), id, http.RequestAborted)).Ok())
            .Produces<AccountView>()
            .Describe("getAccount", "One account; one's own for everybody.", RouteAccess.SignedIn, "read", "account_not_found");
        v1.MapPatch("/accounts/{id:id}", ChangeAsync)
            .Produces<AccountView>()
            .Describe("changeAccount", "Renames, disables, enables, changes the role. Takes effect at once, for live sign-ins and tokens too.", RouteAccess.Superadmin, "write",
                [.. s_names, "account_not_found", "last_superadmin", .. IfMatch.Codes]);
        v1.MapDelete("/accounts/{id:id}", DeleteAsync)
            .Produces<Departure>()
            .Describe("deleteAccount", "Removes an account with its rules and grants, which are answered; dry_run=true only lists them.", RouteAccess.Superadmin, "write",
                ["account_not_found", "last_superadmin", "own_account", "dry_run_unknown", .. IfMatch.Codes]);
        v1.MapPost("/accounts/{id:id}/password", async (HttpContext http, AccountId id, JsonBody<PasswordReset> body, AccountWriter writer) =>
                body.Read.TryGet(out var asked) ? (await writer.ResetPasswordAsync(http.Actor(), id, asked, http.RequestAborted)).Ok() : ApiProblems.Of(body.Read.Problems))
            .Produces<AccountMade>()
            .Describe("resetPassword", "Gives an account a new password and ends its sign-ins. Without a password the program chooses one.", RouteAccess.Superadmin, "write",
                [.. s_passwords, "account_not_found", "password_missing"]);
        v1.MapPost("/accounts/{id:id}/second-factor/remove", async (HttpContext http, AccountId id, AccountWriter writer) =>
                (await writer.RemoveSecondFactorAsync(http.Actor(), id, http.RequestAborted)).Ok())
            .Produces<AccountView>()
            .Describe("removeSecondFactorOf", "Takes the second factor off an account whose owner has lost it.", RouteAccess.Superadmin, "write", "account_not_found");
        v1.MapPost("/accounts/{id:id}/sign-out", async (HttpContext http, AccountId id, AccountWriter writer) =>
                (await writer.SignOutAsync(http.Actor(), id, http.RequestAborted)).NoContent())
            .Produces(StatusCodes.Status204NoContent)
            .Describe("signOutAccount", "Ends all sign-ins of an account.", RouteAccess.Superadmin, "write", "account_not_found");
        v1.MapGet("/accounts/{id:id}/tokens", async (HttpContext http, AccountId id, AccountReader reader) => (await reader.TokensAsync(http.Actor(), id, http.RequestAborted)).Ok())
            .Produces<Page<TokenView>>()
            .Describe("listTokensOf", "API tokens of an account, without their secrets.", RouteAccess.SignedIn, "read", "account_not_found");
        v1.MapDelete("/accounts/{id:id}/tokens/{token:id}", async (HttpContext http, AccountId id, ApiTokenId token, TokenWriter writer) =>
                (await writer.RevokeAsync(http.Actor(), id, token, http.RequestAborted)).NoContent())
            .Produces(StatusCodes.Status204NoContent)
            .Describe("revokeTokenOf", "Revokes a token of an account, at once.", RouteAccess.SignedIn, "write", "token_not_found");
    }

    private static async Task<IResult> PageAsync(HttpContext http, AccountReader reader, string? role, string? disabled, string? search, string? limit, string? cursor)
    {
        var asked = PageAsked.Read(limit, cursor);
        var problems = asked.Problems.ToList();
        AccountRole? wanted = role switch { "user" => AccountRole.User, "auditor" => AccountRole.Auditor, "superadmin" => AccountRole.Superadmin, _ => null };
        if (role is not null && wanted is null)
        {
            problems.Add(new Problem("role_unknown", "role", "role must be user, auditor or superadmin."));
        }

        var asleep = QueryFlags.Read("disabled", disabled);
        problems.AddRange(asleep.Problems);
        if (problems.Count > 0)
        {
            return ApiProblems.Of(problems);
        }

        var filter = new AccountFilter(wanted, asleep.Value, search);
        return (await reader.PageAsync(http.Actor(), filter, asked.Value, http.RequestAborted)).Ok();
    }

    private static async Task<IResult> ChangeAsync(HttpContext http, AccountId id, PatchBody<AccountChange> body, AccountReader reader, AccountWriter writer)
    {
        var revision = IfMatch.Read(http.Request);
        var current = await reader.FindAsync(http.Actor(), id, http.RequestAborted);
        if (!revision.TryGet(out var expected) || !current.TryGet(out var view))
        {
            return ApiProblems.Of([.. current.Problems, .. revision.Problems]);
        }

        var patched = body.ApplyTo(new AccountChange(view.Name, view.DisplayName, view.Role, view.Disabled, view.MustChangePassword));
        // What was merged into is what the change is meant for, also where any revision was allowed.
        return patched.TryGet(out var asked)
            ? (await writer.ChangeAsync(http.Actor(), id, expected ?? view.Revision, asked, http.RequestAborted)).Ok()
            : ApiProblems.Of(patched.Problems);
    }

    private static async Task<IResult> DeleteAsync(HttpContext http, AccountId id, AccountWriter writer, string? dry_run)
    {
        var (revision, trial) = (IfMatch.Read(http.Request), QueryFlags.DryRun(dry_run));
        return revision.TryGet(out var expected) && trial.TryGet(out var isTrial)
            ? (await writer.DeleteAsync(http.Actor(), id, expected, isTrial, http.RequestAborted)).Ok()
            : ApiProblems.Of([.. revision.Problems, .. trial.Problems]);
    }
}

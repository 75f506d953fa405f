using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Web.Audit;
using Portunus.Web.Database.Ids;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Accounts;

/// <summary>API tokens: made and revoked by their owner, revoked by superadmins.</summary>
internal sealed class TokenWriter(AuditTrail trail)
{
    /// <summary>Nobody needs more, and each is a way in.</summary>
    private const int MaxPerAccount = 100;

    private const int MaxNameLength = 64;

    /// <summary>Makes a token of the actor's own. One made by a token lives no longer than that.</summary>
    public Task<Outcome<TokenMade>> CreateAsync(Actor actor, TokenAsked asked, CancellationToken cancel) =>
        trail.ChangeAsync<TokenMade>(actor, "token.create", new AuditSubject("token", "", asked.Name ?? ""), async change =>
        {
            if (actor.Id is not { } owner)
            {
                return AccountReader.Unknown;
            }

            var problems = Check(asked, change.Now);
            if (actor.Token is { } by && await change.Db.ApiTokens.SingleAsync(token => token.Id == by, cancel) is { ExpiresAt: { } end } && !(asked.ExpiresAt <= end))
            {
                problems.Add(new Problem("token_outlives", "expires_at", "A token made by a token must not live longer than that one."));
            }

            if (problems.Count > 0)
            {
                return problems;
            }

            if (await change.Db.ApiTokens.CountAsync(token => token.AccountId == owner, cancel) >= MaxPerAccount)
            {
                return Problem.Conflict("token_limit", "", $"An account has at most {MaxPerAccount} tokens; revoke one first.");
            }

            var secret = Secrets.New(Secrets.TokenPrefix);
            var made = new ApiToken
            {
                Id = ApiTokenId.New(),
                AccountId = owner,
                Name = asked.Name ?? "",
                Scope = asked.Scope ?? TokenScope.Read,
                Hash = Secrets.HashOf(secret),
                Hint = secret[..8],
                CreatedAt = change.Now,
                ExpiresAt = asked.ExpiresAt,
            };
            change.Db.ApiTokens.Add(made);
            change.Tell("token.create", Subject(made), after: Picture(made));
            return new TokenMade(TokenView.Of(made), secret);
        }, cancel);

    /// <summary>Revokes a token at once. Anybody else's is not there, except for superadmins.</summary>
    public Task<Outcome<Nothing>> RevokeAsync(Actor actor, AccountId owner, ApiTokenId id, CancellationToken cancel) =>
        trail.ChangeAsync<Nothing>(actor, "token.revoke", new AuditSubject("token", id.ToString()), async change =>
        {
            if ((!actor.IsSuperadmin && actor.Id != owner)
                || await change.Db.ApiTokens.SingleOrDefaultAsync(token => token.Id == id && token.AccountId == owner, cancel) is not { } found)
            {
                return Problem.NotFound("token");
            }

            change.Db.ApiTokens.Remove(found);
            change.Tell("token.revoke", Subject(found), before: Picture(found));
            return default(Nothing);
        }, cancel);

    private static List<Problem> Check(TokenAsked asked, DateTimeOffset now)
    {
        var problems = new List<Problem>();
        if (string.IsNullOrWhiteSpace(asked.Name) || asked.Name.EnumerateRunes().Count() > MaxNameLength || asked.Name.Any(char.IsControl))
        {
            problems.Add(new Problem("name_length", "name", $"name must have 1 to {MaxNameLength} characters, not blanks only, none of them a control character."));
        }

        if (asked.Scope is null)
        {
            problems.Add(new Problem("scope_missing", "scope", "scope must be read or write."));
        }

        if (asked.ExpiresAt <= now)
        {
            problems.Add(new Problem("expires_at_past", "expires_at", "expires_at must lie in the future."));
        }

        return problems;
    }

    private static AuditSubject Subject(ApiToken token) => new("token", token.Id.ToString(), token.Name);

    private static object Picture(ApiToken token) => new { account = token.AccountId.ToString(), name = token.Name, scope = token.Scope, expires_at = token.ExpiresAt };
}

using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Web.Api;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Accounts;

/// <summary>Which accounts are asked for.</summary>
/// <param name="Role">Only this one.</param>
/// <param name="Disabled">Only these.</param>
/// <param name="Search">Part of a name or display name, whatever its case.</param>
internal sealed record AccountFilter(AccountRole? Role = null, bool? Disabled = null, string? Search = null);

/// <summary>Reads accounts: all of them for overseers, one's own for everybody.</summary>
internal sealed class AccountReader(IDbContextFactory<PortunusDb> factory)
{
    public async Task<Outcome<Page<AccountView>>> PageAsync(Actor actor, AccountFilter filter, PageAsked asked, CancellationToken cancel)
    {
        if (actor.NeedsOverseer() is { } refusal)
        {
            return refusal;
        }

        await using var db = await factory.CreateDbContextAsync(cancel);
        var accounts = db.Accounts.AsNoTracking();
        if (filter.Role is { } role)
        {
            accounts = accounts.Where(account => account.Role == role);
        }

        if (filter.Disabled is { } disabled)
        {
            accounts = accounts.Where(account => account.Disabled == disabled);
        }

        if (filter.Search is { Length: > 0 } search)
        {
            var pattern = SearchPattern.Containing(search);
            accounts = accounts.Where(account => EF.Functions.Like(account.NormalizedUserName, pattern, SearchPattern.Escape) || EF.Functions.Like(account.DisplayName, pattern, SearchPattern.Escape));
        }

        if (asked.After is [var last])
        {
            accounts = accounts.Where(account => string.Compare(account.NormalizedUserName, last) > 0);
        }

        var rows = await accounts.OrderBy(account => account.NormalizedUserName).Take(asked.Limit + 1).ToListAsync(cancel);
        var items = rows.Take(asked.Limit).Select(AccountView.Of).ToList();
        return new Page<AccountView>(items, rows.Count > asked.Limit ? Cursor.Write(items[^1].Name) : null);
    }

    /// <summary>One account; one that the actor may not know of is not there.</summary>
    public async Task<Outcome<AccountView>> FindAsync(Actor actor, AccountId id, CancellationToken cancel)
    {
        if (!actor.IsOverseer && actor.Id != id)
        {
            return AccountRows.NotFound;
        }

        await using var db = await factory.CreateDbContextAsync(cancel);
        return await db.Accounts.AsNoTracking().SingleOrDefaultAsync(account => account.Id == id, cancel) is { } found
            ? AccountView.Of(found)
            : AccountRows.NotFound;
    }

    /// <summary>By the name it signs in with; for command lines.</summary>
    public async Task<Outcome<AccountView>> FindAsync(Actor actor, string name, CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        var found = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(account => account.NormalizedUserName == name, cancel);
        return found is not null && (actor.IsOverseer || actor.Id == found.Id) ? AccountView.Of(found) : AccountRows.NotFound;
    }

    public async Task<Outcome<MeView>> MeAsync(Actor actor, CancellationToken cancel)
    {
        if (actor.Id is not { } id)
        {
            return Unknown;
        }

        var account = await FindAsync(actor, id, cancel);
        return account.Select(view => new MeView(view, actor.Via, actor.IsReadOnly ? TokenScope.Read : TokenScope.Write));
    }

    /// <summary>Tokens of an account, newest last: one's own, or anybody's for overseers.</summary>
    public async Task<Outcome<Page<TokenView>>> TokensAsync(Actor actor, AccountId owner, CancellationToken cancel)
    {
        if (!actor.IsOverseer && actor.Id != owner)
        {
            return AccountRows.NotFound;
        }

        await using var db = await factory.CreateDbContextAsync(cancel);
        if (!await db.Accounts.AnyAsync(account => account.Id == owner, cancel))
        {
            return AccountRows.NotFound;
        }

        var tokens = await db.ApiTokens.AsNoTracking().Where(token => token.AccountId == owner).OrderBy(token => token.Id).ToListAsync(cancel);
        return new Page<TokenView>([.. tokens.Select(TokenView.Of)], null);
    }

    /// <summary>The actor's own live sign-ins, newest first.</summary>
    public async Task<Outcome<Page<SignInView>>> SignInsAsync(Actor actor, DateTimeOffset now, CancellationToken cancel)
    {
        if (actor.Id is not { } id)
        {
            return Unknown;
        }

        await using var db = await factory.CreateDbContextAsync(cancel);
        var rows = await db.SignIns.AsNoTracking().Where(signIn => signIn.AccountId == id && signIn.ExpiresAt > now).ToListAsync(cancel);
        return new Page<SignInView>(
            [.. rows.OrderByDescending(row => row.CreatedAt).Select(row => new SignInView(
                row.Id.ToString(), row.Id == actor.SignIn, row.CreatedAt, row.LastSeenAt, row.ExpiresAt, row.RemoteAddress, row.UserAgent))],
            null);
    }

    public async Task<Outcome<SecondFactorView>> SecondFactorAsync(Actor actor, CancellationToken cancel)
    {
        if (actor.Id is not { } id)
        {
            return Unknown;
        }

        await using var db = await factory.CreateDbContextAsync(cancel);
        var account = await db.Accounts.AsNoTracking().SingleAsync(one => one.Id == id, cancel);
        var left = await db.RecoveryCodes.CountAsync(code => code.AccountId == id && code.UsedAt == null, cancel);
        return new SecondFactorView(account.AuthenticatorKey is not null, account.PendingAuthenticatorKey is not null, left);
    }

    /// <summary>Whether anybody could sign in as superadmin; while not, the program waits for its first run.</summary>
    public async Task<bool> HasSuperadminAsync(CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        return await db.Accounts.AnyAsync(account => account.Role == AccountRole.Superadmin, cancel);
    }

    internal static Problem Unknown { get; } = new("unauthenticated", "", "Sign in, or send a token.", ProblemKind.Unauthenticated);
}

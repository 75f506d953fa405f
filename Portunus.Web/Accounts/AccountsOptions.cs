namespace Portunus.Web.Accounts;

/// <summary>What this room is told at the start.</summary>
internal sealed record AccountsOptions
{
    /// <summary>Of PBKDF2; tests use fewer.</summary>
    public int HashIterations { get; init; } = PasswordHashes.CurrentIterations;

    /// <summary>After so long a sign-in ends however busy it is.</summary>
    public TimeSpan SignInLifetime { get; init; } = TimeSpan.FromDays(7);

    /// <summary>After so long without a request it ends.</summary>
    public TimeSpan SignInIdle { get; init; } = TimeSpan.FromHours(8);

    public TimeSpan SetupTokenLifetime { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Browsers come by https, so the cookie is never sent without it.</summary>
    public bool IsHttps { get; init; }

    /// <summary>The prefix binds the cookie to this host and to https; browsers refuse it over plain HTTP.</summary>
    public string CookieName => IsHttps ? "__Host-portunus" : "portunus";
}

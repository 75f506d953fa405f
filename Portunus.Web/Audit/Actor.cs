using Portunus.Shared.Ids;
using Portunus.Web.Database.Ids;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Audit;

/// <summary>Whoever does something now: made once for each operation, from the store and not from what a browser holds.</summary>
internal sealed record Actor
{
    /// <summary>Null for nobody, the program itself and its command line.</summary>
    public AccountId? Id { get; init; }

    public required string Name { get; init; }

    /// <summary>Null for nobody.</summary>
    public AccountRole? Role { get; init; }

    /// <summary><c>cookie</c>, <c>token</c>, <c>local</c>, <c>system</c>; empty for nobody.</summary>
    public required string Via { get; init; }

    /// <summary>True where the credential may only read.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>True until the account has the new password it was told to choose; it may do nothing else.</summary>
    public bool MustChangePassword { get; init; }

    /// <summary>The sign-in behind a cookie.</summary>
    public SignInId? SignIn { get; init; }

    /// <summary>The token behind a bearer.</summary>
    public ApiTokenId? Token { get; init; }

    public string RemoteAddress { get; init; } = "";

    public string RequestId { get; init; } = "";

    public bool IsSuperadmin => Role == AccountRole.Superadmin;

    /// <summary>May read what belongs to others.</summary>
    public bool IsOverseer => Role is AccountRole.Superadmin or AccountRole.Auditor;

    /// <summary>Whoever has not said who they are.</summary>
    public static Actor Nobody(string remoteAddress, string requestId) => new() { Name = "", Via = "", RemoteAddress = remoteAddress, RequestId = requestId };

    /// <summary>Whoever runs the command line on this machine and may open the data directory.</summary>
    public static Actor Local { get; } = new() { Name = "local", Role = AccountRole.Superadmin, Via = "local" };

    /// <summary>The program on its own account: retention, expiry.</summary>
    public static Actor System { get; } = new() { Name = "system", Role = AccountRole.Superadmin, Via = "system" };

    /// <summary>Why this actor may not do what only superadmins may; null when it may.</summary>
    public Problem? NeedsSuperadmin() => IsSuperadmin ? null : Problem.Forbidden("role_required", "Only a superadmin may do this.");

    /// <summary>Why this actor may not read what belongs to others; null when it may.</summary>
    public Problem? NeedsOverseer() => IsOverseer ? null : Problem.Forbidden("role_required", "Only a superadmin or an auditor may read this.");
}

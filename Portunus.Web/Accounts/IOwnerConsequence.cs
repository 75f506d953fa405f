using Portunus.Shared.Ids;
using Portunus.Web.Audit;
using Portunus.Web.Database;

namespace Portunus.Web.Accounts;

/// <summary>What happens to an account that others may have to follow.</summary>
internal enum OwnerChange
{
    /// <summary>Its rules stop at once.</summary>
    Disabled,

    /// <summary>Its rules may run again.</summary>
    Enabled,

    /// <summary>What its rules may reach hangs on the role.</summary>
    RoleChanged,

    /// <summary>Everything that is its own goes.</summary>
    Deleted,
}

/// <summary>
/// The seam by which rooms above follow what becomes of an account, inside the same transaction: this room knows neither grants
/// nor rules. Each is asked in the order in which the rooms were added.
/// </summary>
internal interface IOwnerConsequence
{
    /// <summary>What would go with the account.</summary>
    Task<IReadOnlyList<AuditSubject>> ListAsync(PortunusDb db, AccountId owner, CancellationToken cancel);

    /// <summary>Follows a change: removes, raises revisions, tells of each thing. The account's row is already changed, or about to go.</summary>
    Task FollowAsync(AuditedChange change, AccountId owner, OwnerChange what, CancellationToken cancel);
}

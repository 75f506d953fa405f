namespace Portunus.Web.Audit;

/// <summary>Asks again who a caller is, for answers that take long. Accounts are a floor above the audit log, hence this way up.</summary>
internal interface IStanding
{
    /// <summary>The actor as of now; null once the credential is good for nothing any more.</summary>
    Task<Actor?> AgainAsync(Actor actor, CancellationToken cancel);
}

namespace Portunus.Web.Accounts;

/// <summary>What this room tells, ids 2100–2199. Never a secret, and never a name that nobody has.</summary>
internal static partial class AccountsLog
{
    [LoggerMessage(2100, LogLevel.Warning, "Accounts cannot write when tokens and sign-ins were last used; it is tried again in a minute")]
    public static partial void LastUseNotWritten(ILogger logger, Exception exception);

    [LoggerMessage(2101, LogLevel.Information, "Credential from {Address} is refused: {Reason}")]
    public static partial void CredentialRefused(ILogger logger, string address, string reason);
}

namespace Portunus.Web.Accounts;

/// <summary>Marks a route that an account may call before it has chosen the new password it was told to choose.</summary>
internal sealed class OwesPassword;

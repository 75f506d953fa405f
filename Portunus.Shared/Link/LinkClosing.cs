namespace Portunus.Shared.Link;

/// <summary>Why the control plane cuts a link.</summary>
public static class LinkClosing
{
    /// <summary>Stop listening, cut every flow, do not come back.</summary>
    public const string Revoked = "revoked";

    /// <summary>A newer connection of the same instance has taken over.</summary>
    public const string Replaced = "replaced";

    /// <summary>The edge was enrolled again; this credential is no longer good.</summary>
    public const string Superseded = "superseded";

    /// <summary>The control plane goes down; come back after the usual delay.</summary>
    public const string ShuttingDown = "shutting_down";

    /// <summary>The edge speaks no version that is understood here.</summary>
    public const string VersionNotSpoken = "version_not_spoken";
}

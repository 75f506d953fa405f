namespace Portunus.Web.Options;

/// <summary>How the program ends. Documented in <c>--help</c>; numbers never change their meaning.</summary>
internal static class ExitCode
{
    /// <summary>Done: stopped by a signal, answer printed.</summary>
    public const int Done = 0;

    /// <summary>Could not do its work: a port in use, the data directory held by another process, refused by the rules of the house.</summary>
    public const int Failed = 1;

    /// <summary>Was asked wrongly: the command line, the environment or server.toml.</summary>
    public const int Asked = 2;

    /// <summary>The file given is no backup, is damaged, or the passphrase is not its own (EX_DATAERR of sysexits.h).</summary>
    public const int BadFile = 65;

    /// <summary>The store or the backup was written by a newer version (EX_CONFIG of sysexits.h).</summary>
    public const int Newer = 78;
}

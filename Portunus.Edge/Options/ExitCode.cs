namespace Portunus.Edge.Options;

/// <summary>How the program ends. Documented in <c>--help</c> and docs/operations.md; numbers never change their meaning.</summary>
internal static class ExitCode
{
    /// <summary>Done: stopped by a signal, file in order, answer printed.</summary>
    public const int Done = 0;

    /// <summary>Could not do its work: not one rule could listen, no stats socket to read from, not on Linux, a fault of ours.</summary>
    public const int Failed = 1;

    /// <summary>Was asked wrongly: the command line, the environment or the rule file.</summary>
    public const int Asked = 2;
}

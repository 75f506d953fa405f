namespace Portunus.Web.Database;

/// <summary>
/// The store cannot be opened, for a reason that whoever runs the program can do something about. Caught once, at the top of the
/// program, which prints the sentence and ends with the code.
/// </summary>
internal sealed class StartRefusal(string sentence, int exitCode) : Exception(sentence)
{
    /// <summary>Another process has it, or the folder will not do.</summary>
    public const int Failed = 1;

    /// <summary>The store was written by a newer program (EX_CONFIG of sysexits.h).</summary>
    public const int Newer = 78;

    public int ExitCode { get; } = exitCode;
}

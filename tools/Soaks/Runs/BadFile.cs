namespace Portunus.Soaks.Runs;

/// <summary>Rule files with a mistake, each with a key that nobody knows by which its refusal is found in the log.</summary>
internal static class BadFile
{
    private static readonly string[] s_mistakes =
    [
        "",
        "[[rule]]\nname = \"unfinished\"\nlisten_port = 31000\n",
        "[[rule]]\nname = \"far\"\nlisten_port = 70000\ntarget = \"127.0.0.1:1\"\n",
        "[[rule]]\nname = \"torn\"\nlisten_port = ",
        "[[rule]]\nname = \"zero\"\nlisten_port = 31000\ntarget = \"127.0.0.1:1\"\n[rule.limits]\nbytes_per_second_in = 0\n",
        "[[rule]]\nname = \"twin\"\nlisten_port = 31000\ntarget = \"127.0.0.1:1\"\n[[rule]]\nname = \"twin\"\nlisten_port = 31000\ntarget = \"127.0.0.1:1\"\n",
        "[[rule]]\nname = \"loop\"\nlisten_address = \"127.0.0.1\"\nlisten_port = 31000\ntarget = \"127.0.0.1:31000\"\n",
    ];

    /// <summary>What the edge logs as errors about such files.</summary>
    public static IReadOnlySet<string> Events { get; } = new HashSet<string> { "standalone.file_problem", "standalone.file_unusable", "standalone.reload_refused" };

    public static string Token(int number) => $"mistake_{number}_";

    public static string Make(string good, int number, Random random) =>
        $"{Token(number)} = 1\n{good}{s_mistakes[random.Next(s_mistakes.Length)]}";
}

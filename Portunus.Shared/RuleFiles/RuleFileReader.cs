using Portunus.Shared.Rules;
using Portunus.Shared.Toml;

namespace Portunus.Shared.RuleFiles;

/// <summary>
/// Reads a rule file (TOML 1.0). Everything that is wrong with it is told at once and in its place; only a file without any
/// problem becomes a <see cref="RuleFile"/>.
/// </summary>
public static class RuleFileReader
{
    /// <summary>The most problems, and the most warnings, that are told; one more then says how many were left out.</summary>
    public const int MaxProblems = 200;

    /// <summary>The most rules of one file.</summary>
    public const int MaxRules = 10_000;

    /// <summary>Reads a whole file. Never throws for what is in it.</summary>
    /// <param name="utf8">The file, with or without a byte order mark.</param>
    /// <param name="outgoingPorts">
    /// The ports from which the system takes those of outgoing connections (<c>net.ipv4.ip_local_port_range</c>); rules that listen there
    /// are warned about. Null: unknown.
    /// </param>
    public static RuleFileResult Read(ReadOnlySpan<byte> utf8, PortRange? outgoingPorts = null)
    {
        var toml = TomlReader.Read(utf8);
        var problems = new FileProblemList("problems");
        var warnings = new FileProblemList("warnings");
        foreach (var error in toml.Errors)
        {
            problems.Add("toml_syntax", "", error.Text, error.Place);
        }

        var top = new FileTable(toml.Root, RuleFileKeys.Top, "", problems);
        var settings = new SettingsTables(top, problems);
        var defaults = RuleTable.ReadDefaults(top.RawTable("defaults") ?? TomlTable.Empty(), problems);
        var rules = new RuleTables(defaults, problems);
        rules.Read(top);
        rules.CheckTogether();
        settings.CheckAgainst(rules.Claims);
        RuleFileWarnings.Find(rules, settings, outgoingPorts, warnings);
        var file = problems.Any ? null : new RuleFile(rules.Sound, settings.Global, settings.Stats, settings.MetricsListen);
        return new RuleFileResult(file, problems.Sorted(), warnings.Sorted());
    }
}

using System.Reflection;
using System.Text.RegularExpressions;
using Portunus.Tests.Kit;
using Portunus.Web.Options;
using Portunus.Web.Shell;

namespace Portunus.Tests.House;

/// <summary>What is promised to those who run the control plane stands in its help and on its page.</summary>
public sealed class ControlPlanePageTests
{
    private static readonly string s_page = Page();
    private static readonly string s_unit = Path.Combine(HouseRoot.Folder, "tools", "deploy", "portunus-web.service");

    [Fact]
    public void EveryKey_HasItsRow_AndItsLineInTheHelp()
    {
        var help = UsageText.Of(WebProgram.Verbs);
        foreach (var key in OptionLayers.Keys)
        {
            Assert.Matches($@"(?m)^\|[^|]*`{key.Name}`", s_page);
            Assert.Contains($"{OptionLayers.FlagOf(key.Name)} {key.Value}", help, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void EveryCommand_HasItsRow_WithItsFlags()
    {
        foreach (var verb in WebProgram.Verbs)
        {
            var name = verb.Name.Length == 0 ? "portunus-web" : verb.Name;
            var row = Regex.Match(s_page, $@"(?m)^\| `{name}[ `].*$").Value;
            Assert.True(row.Length > 0, $"no row for {name}");
            // Those of the server have a table of their own.
            Assert.All(verb.Flags.Where(_ => !ReferenceEquals(verb.Flags, VerbSpec.Serve.Flags)), flag => Assert.Contains(flag.Name, row, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void EveryExitCode_HasItsRow()
    {
        foreach (var code in typeof(ExitCode).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (int)(field.GetRawConstantValue() ?? -1)))
        {
            Assert.Matches($@"(?m)^\| {code} \| ", s_page);
        }
    }

    [Fact]
    public void Unit_IsHardenedAndLeavesTheCompilerItsMemory()
    {
        var lines = File.ReadAllLines(s_unit);
        foreach (var line in new[] { "User=portunus", "StateDirectoryMode=0700", "StandardOutput=null", "CapabilityBoundingSet=", "NoNewPrivileges=yes", "ProtectSystem=strict", "SystemCallFilter=@system-service" })
        {
            Assert.Contains(line, lines);
        }

        Assert.Contains($"RestartPreventExitStatus={ExitCode.Asked} {ExitCode.Newer}", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("MemoryDenyWriteExecute=", StringComparison.Ordinal));
    }

    [ProgramFact("systemd-analyze")]
    public async Task Unit_IsOneThatSystemdTakes()
    {
        using var folder = new TempFolder();
        var unit = folder.File("portunus-web.service");
        // Verified against a program and a user that are there.
        await File.WriteAllTextAsync(unit, (await File.ReadAllTextAsync(s_unit))
            .Replace("/opt/portunus-web/portunus-web", WebProcess.Program, StringComparison.Ordinal).Replace("=portunus\n", "=daemon\n", StringComparison.Ordinal));
        var run = await CommandRun.RunAsync("systemd-analyze", ["verify", "--man=no", unit]);
        Assert.DoesNotContain(run.Errors.Split('\n'), line => line.Contains("portunus-web.service", StringComparison.Ordinal));
        Assert.Equal(0, run.ExitCode);
    }

    private static string Page()
    {
        var all = File.ReadAllText(Path.Combine(HouseRoot.Folder, "docs", "operations.md"));
        var from = Regex.Match(all, "(?m)^# Running the control plane$");
        Assert.True(from.Success);
        return all[from.Index..];
    }
}

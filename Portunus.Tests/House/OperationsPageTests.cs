using System.Reflection;
using System.Text.RegularExpressions;
using Portunus.Edge.Options;
using Portunus.Tests.Kit;

namespace Portunus.Tests.House;

/// <summary>What is promised to those who run the edge stands in its help and on its page, and the unit is one that systemd takes.</summary>
public sealed partial class OperationsPageTests
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(HouseRoot.Folder, "docs", "operations.md"));

    [Fact]
    public void ExitCodes_AreInHelpAndOnThePage()
    {
        var codes = typeof(ExitCode).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (int)(field.GetRawConstantValue() ?? -1)).ToList();
        Assert.Equal([0, 1, 2], codes.Order());
        foreach (var code in codes)
        {
            Assert.Matches($@"(?m)^\| {code} \| ", s_page);
            Assert.Matches($@"(?m)^  {code}  ", UsageText.Full);
        }
    }

    [Fact]
    public void FlagsAndVariables_OfTheProgram_AreOnThePage()
    {
        Assert.All(CommandLineReader.Flags, flag => Assert.Contains($"`{flag}", s_page, StringComparison.Ordinal));
        foreach (Match name in Variable().Matches(UsageText.Full))
        {
            Assert.Contains($"`{name.Value}`", s_page, StringComparison.Ordinal);
        }

        // And the other way round: nothing is promised that is not there.
        foreach (Match flag in Flag().Matches(UsageText.Full))
        {
            Assert.Contains(flag.Value, CommandLineReader.Flags);
        }
    }

    [Theory]
    [InlineData("portunus-edge.service", "DynamicUser=yes")]
    [InlineData("portunus-edge-linked.service", "User=portunus-edge")]
    public void Unit_OfTheEdge_IsHardenedAndLeavesTheCompilerItsMemory(string unit, string user)
    {
        var lines = File.ReadAllLines(Unit(unit));
        foreach (var line in new[]
        {
            user, "CapabilityBoundingSet=CAP_NET_BIND_SERVICE", "AmbientCapabilities=CAP_NET_BIND_SERVICE",
            "NoNewPrivileges=yes", "ProtectSystem=strict", "SystemCallFilter=@system-service", "Type=notify",
        })
        {
            Assert.Contains(line, lines);
        }

        Assert.DoesNotContain(lines, line => line.StartsWith("MemoryDenyWriteExecute=", StringComparison.Ordinal));
    }

    [Fact]
    public void Units_OnOneHost_ShareNeitherUserNorFolder()
    {
        var owned = new[] { "portunus-edge.service", "portunus-edge-linked.service", "portunus-web.service" }
            .SelectMany(name => File.ReadAllLines(Unit(name)))
            .Where(line => line.StartsWith("User=", StringComparison.Ordinal) || line.StartsWith("RuntimeDirectory=", StringComparison.Ordinal) || line.StartsWith("StateDirectory=", StringComparison.Ordinal))
            .ToList();
        Assert.Equal(3, owned.Count(line => line.StartsWith("User=", StringComparison.Ordinal)));
        Assert.Equal(owned.Distinct(), owned);
        Assert.Contains("/run/portunus-edge-linked/edge.sock", s_page, StringComparison.Ordinal);
        Assert.Contains("RuntimeDirectory=portunus-edge-linked", owned);
    }

    [ProgramFact("systemd-analyze")]
    public async Task Unit_OfTheEdge_IsOneThatSystemdTakes()
    {
        using var folder = new TempFolder();
        foreach (var name in new[] { "portunus-edge.service", "portunus-edge-linked.service" })
        {
            var unit = folder.File(name);
            // Verified against a program that is there.
            await File.WriteAllTextAsync(unit, (await File.ReadAllTextAsync(Unit(name))).Replace("/usr/local/bin/portunus-edge", EdgeProcess.Program, StringComparison.Ordinal));
            var run = await CommandRun.RunAsync("systemd-analyze", ["verify", "--man=no", unit]);
            Assert.DoesNotContain(run.Errors.Split('\n'), line => line.Contains(name, StringComparison.Ordinal));
            Assert.Equal(0, run.ExitCode);
        }
    }

    private static string Unit(string name) => Path.Combine(HouseRoot.Folder, "tools", "deploy", name);

    [GeneratedRegex("PORTUNUS_[A-Z_]+")]
    private static partial Regex Variable();

    [GeneratedRegex(@"--[a-z][a-z-]+")]
    private static partial Regex Flag();
}

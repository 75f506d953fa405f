using System.Diagnostics;
using System.Text.RegularExpressions;
using Portunus.Tests.House;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Web.Shell;

/// <summary>docs/api.md shows every route, and its commands do what it says.</summary>
public sealed partial class ApiPageWalkTests : IAsyncLifetime
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(HouseRoot.Folder, "docs", "api.md"));

    private RunningWeb _web = null!;

    public async Task InitializeAsync() => _web = await RunningWeb.StartAsync();

    public async Task DisposeAsync() => await _web.DisposeAsync();

    [Fact]
    public async Task EveryRoute_IsShown_AndNoneThatIsNot()
    {
        var shown = Shown().Matches(s_page).Select(match => match.Groups[1].Value + " " + Parameter().Replace(match.Groups[2].Value, "{}")).ToHashSet();
        var book = await ApiBook.ReadAsync(_web);
        var served = book.Operations.Select(one => one.Method + " " + Parameter().Replace(one.Path.Replace("/v1", "", StringComparison.Ordinal), "{}"));
        Assert.Equal(served.Order(), shown.Order());
    }

    [Fact]
    public async Task Commands_GoFromNothingToARuleAndBack()
    {
        var commands = string.Join("\n", Block().Matches(s_page).Select(match => match.Groups["text"].Value));
        commands = commands.Replace("http://127.0.0.1:7080", _web.Address.ToString().TrimEnd('/'), StringComparison.Ordinal);
        Assert.Contains("api rules", commands, StringComparison.Ordinal);
        using var folder = new DataFolder();
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", commands])
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder.Path,
        };
        start.Environment["SETUP"] = await _web.SetupTokenAsync();
        using var shell = Process.Start(start)!;
        var output = shell.StandardOutput.ReadToEndAsync();
        var errors = await shell.StandardError.ReadToEndAsync();
        await shell.WaitForExitAsync();
        Assert.True(shell.ExitCode == 0, $"{await output}\n{errors}");
        var lines = (await output).Split('\n');
        Assert.Contains(lines, line => line.EndsWith("web waiting", StringComparison.Ordinal));
        Assert.Contains("2", lines);
        Assert.Contains(lines, line => line.EndsWith(" root rule.delete", StringComparison.Ordinal));
        await using var db = _web.OpenDb();
        Assert.Empty(db.Rules);
    }

    [GeneratedRegex("`(GET|POST|PUT|PATCH|DELETE) (/[^`?]*)(?:\\?[^`]*)?`")]
    private static partial Regex Shown();

    [GeneratedRegex(@"\{[a-z_]+\}")]
    private static partial Regex Parameter();

    [GeneratedRegex("```sh\n(?<text>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Block();
}

using Portunus.Edge.Options;
using Portunus.Edge.Standalone;

namespace Portunus.Tests.Edge.Standalone;

public sealed class CheckCommandTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"portunus-{Guid.NewGuid():N}.toml");

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task Run_GoodFile_SaysHowManyRulesAndEndsWith0()
    {
        await File.WriteAllTextAsync(_file, """
            [[rule]]
            name = "a"
            listen_port = 8080
            target = "192.0.2.1:80"
            [[rule]]
            name = "b"
            listen_port = 8081
            target = "192.0.2.1:80"
            enabled = false
            """);
        var (code, output, error) = await RunAsync(_file);
        Assert.Equal(ExitCode.Done, code);
        Assert.Equal($"{_file}: 2 rules (1 disabled), no problem, 0 warnings.\n", output);
        Assert.Empty(error);
    }

    [Fact]
    public async Task Run_ManyProblems_TellsEachWithItsPlaceAndEndsWith2()
    {
        await File.WriteAllTextAsync(_file, """
            [[rule]]
            name = "a"
            listen_port = 70000
            target = "192.0.2.1:80"
            colour = "red"
            [[rule]]
            listen_port = 8081
            target = "nowhere"
            """);
        var (code, output, error) = await RunAsync(_file);
        Assert.Equal(ExitCode.Asked, code);
        Assert.Empty(output);
        var lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal($"{_file}: 4 problems.", lines[^1]);
        Assert.All(lines[..^1], line => Assert.Matches($@"^{System.Text.RegularExpressions.Regex.Escape(_file)}:\d+:\d+: [a-z_]+: .+\.$", line));
        foreach (var place in new[] { ":3:", ":5:", ":6:", ":8:" })
        {
            Assert.Contains(lines, line => line.StartsWith(_file + place, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Run_PortAmongTheOutgoingOnes_WarnsAndEndsWith0()
    {
        var outgoing = OutgoingPorts.Read();
        Assert.NotNull(outgoing);
        await File.WriteAllTextAsync(_file, $"[[rule]]\nname = \"a\"\nlisten_port = {outgoing.Value.Last}\ntarget = \"192.0.2.1:80\"\n");
        var (code, output, error) = await RunAsync(_file);
        Assert.Equal(ExitCode.Done, code);
        Assert.Contains("1 warning.", output, StringComparison.Ordinal);
        Assert.Contains(": warning: ", error, StringComparison.Ordinal);
        Assert.Contains("ip_local_", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_NoFile_SaysSo()
    {
        var (code, _, error) = await RunAsync(_file);
        Assert.Equal(ExitCode.Asked, code);
        Assert.StartsWith($"{_file}: file_unreadable: There is no such file.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_Folder_SaysSo()
    {
        var (code, _, error) = await RunAsync(Path.GetTempPath());
        Assert.Equal(ExitCode.Asked, code);
        Assert.Contains("This is a folder, not a file.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_EndlessDevice_IsRefusedForItsLength()
    {
        var (code, _, error) = await RunAsync("/dev/zero");
        Assert.Equal(ExitCode.Asked, code);
        Assert.Contains("longer than 16 MiB", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("32768\t60999\n", 32768, 60999)]
    [InlineData("1024 65535", 1024, 65535)]
    public void Parse_PortRangeOfTheKernel_IsRead(string text, int first, int last)
    {
        var range = OutgoingPorts.Parse(text);
        Assert.Equal((first, last), (range?.First, range?.Last));
    }

    [Theory]
    [InlineData("")]
    [InlineData("32768")]
    [InlineData("a b")]
    public void Parse_SomethingElse_IsUnknown(string text) => Assert.Null(OutgoingPorts.Parse(text));

    [Theory]
    [InlineData("\n", "")]
    [InlineData("8080,40000-40010\n", "8080 40000-40010")]
    public void ParseReserved_ListOfTheKernel_IsRead(string text, string ranges) =>
        Assert.Equal(ranges, string.Join(' ', OutgoingPorts.ParseReserved(text)));

    private static async Task<(int Code, string Output, string Error)> RunAsync(string path)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var code = await CheckCommand.RunAsync(path, output, error);
        return (code, output.ToString(), error.ToString());
    }
}

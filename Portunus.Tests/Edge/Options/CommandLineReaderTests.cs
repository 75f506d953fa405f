using Microsoft.Extensions.Logging;
using Portunus.Edge.Options;

namespace Portunus.Tests.Edge.Options;

public sealed class CommandLineReaderTests
{
    [Theory]
    [InlineData("--standalone a.toml", "a.toml")]
    [InlineData("--standalone=a.toml", "a.toml")]
    [InlineData("--standalone", "./portunus.toml")]
    [InlineData("--standalone --config a.toml", "a.toml")]
    [InlineData("--config a.toml", "a.toml")]
    [InlineData("-c a.toml", "a.toml")]
    [InlineData("--no-stats --standalone", "./portunus.toml")]
    public void Read_Standalone_NamesTheFile(string line, string file)
    {
        var read = Asked(line);
        Assert.Equal(EdgeVerb.Standalone, read.Verb);
        Assert.Equal(file, read.File);
    }

    [Theory]
    [InlineData("check a.toml", "a.toml")]
    [InlineData("check", "./portunus.toml")]
    [InlineData("check -c a.toml", "a.toml")]
    [InlineData("--config a.toml --check", "a.toml")]
    public void Read_Check_NamesTheFile(string line, string file)
    {
        var read = Asked(line);
        Assert.Equal(EdgeVerb.Check, read.Verb);
        Assert.Equal(file, read.File);
    }

    [Theory]
    [InlineData("stats", false, null)]
    [InlineData("stats --once", true, null)]
    [InlineData("stats --once --stats-socket /run/x", true, "/run/x")]
    [InlineData("stats --socket /run/x", false, "/run/x")]
    public void Read_Stats_NamesTheSocket(string line, bool once, string? socket)
    {
        var read = Asked(line);
        Assert.Equal(EdgeVerb.Stats, read.Verb);
        Assert.Equal(once, read.Once);
        Assert.Equal(socket, read.StatsSocket);
    }

    [Fact]
    public void Read_Run_NamesItsPlaces()
    {
        var environment = new Dictionary<string, string>
        {
            [CommandLineReader.CredentialsVariable] = "/e.json",
            [CommandLineReader.EnrollVariable] = "whatever",
        };
        var silent = Asked("run", environment);
        Assert.Equal((EdgeVerb.Run, "/e.json", "whatever", null), (silent.Verb, silent.Credentials, silent.EnrollLine, silent.StateDirectory));

        var given = Asked("run --credentials /f.json --state-dir /s", environment);
        Assert.Equal(("/f.json", "/s"), (given.Credentials, given.StateDirectory));
        Assert.Null(Asked("run").Credentials);
    }

    [Fact]
    public void Read_Enroll_TakesTheLineOfTheArgumentsElseOfTheEnvironment()
    {
        var given = Asked($"enroll {Line("one")} --out /f.json --force");
        Assert.Equal((EdgeVerb.Enroll, "one", "/f.json", true), (given.Verb, given.EnrollUri?.Code, given.Credentials, given.Force));

        var environment = new Dictionary<string, string> { [CommandLineReader.EnrollVariable] = Line("two") };
        Assert.Equal("two", Asked("enroll", environment).EnrollUri?.Code);
        Assert.Equal("one", Asked($"enroll {Line("one")}", environment).EnrollUri?.Code);
    }

    [Fact]
    public void Read_WrongEnrollLine_IsToldWithoutItsCode()
    {
        Assert.Null(CommandLineReader.Read(["enroll", "portunus://h:1/enroll?pin=sha256:00&code=TOP-SECRET"], _ => null, out var problems));
        Assert.DoesNotContain("TOP-SECRET", string.Join('\n', problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("check --help")]
    [InlineData("--nonsense --help")]
    public void Read_Help_WinsOverEverything(string line) => Assert.Equal(EdgeVerb.Help, Asked(line).Verb);

    [Fact]
    public void Read_Version_IsAVerb() => Assert.Equal(EdgeVerb.Version, Asked("--version").Verb);

    [Fact]
    public void Read_FlagAndEnvironment_FlagWins()
    {
        var environment = new Dictionary<string, string>
        {
            [CommandLineReader.FileVariable] = "e.toml",
            [CommandLineReader.LogLevelVariable] = "error",
            [CommandLineReader.LogFormatVariable] = "json",
            [CommandLineReader.StatsSocketVariable] = "/run/e",
        };
        var silent = Asked("--standalone", environment);
        Assert.Equal(("e.toml", LogLevel.Error, LogFormat.Json, "/run/e"), (silent.File, silent.LogLevel, silent.LogFormat, silent.StatsSocket));

        var given = Asked("--standalone f.toml --log-level debug --log-format text --stats-socket /run/f", environment);
        Assert.Equal(("f.toml", LogLevel.Debug, LogFormat.Text, "/run/f"), (given.File, given.LogLevel, given.LogFormat, given.StatsSocket));
    }

    [Fact]
    public void Read_EmptyVariable_IsAsGoodAsNone()
    {
        var read = Asked("--standalone", new() { [CommandLineReader.LogLevelVariable] = "", [CommandLineReader.FileVariable] = "" });
        Assert.Null(read.LogLevel);
        Assert.Equal(CommandLine.DefaultFile, read.File);
    }

    [Fact]
    public void Read_NoStats_OverrulesASocketOfTheEnvironment()
    {
        var read = Asked("--standalone --no-stats", new() { [CommandLineReader.StatsSocketVariable] = "/run/e" });
        Assert.True(read.NoStats);
        Assert.Null(read.StatsSocket);
    }

    [Theory]
    [InlineData("", "Nothing is asked")]
    [InlineData("--log-level debug", "Nothing is asked")]
    [InlineData("enroll", "enroll needs the enrolment line")]
    [InlineData("enroll portunus://x", "An enrolment line has the form")]
    [InlineData("enroll a b", "enroll takes one enrolment line.")]
    [InlineData("enroll --out x --credentials y", "give one")]
    [InlineData("enroll --no-stats", "enroll makes no stats socket")]
    [InlineData("run --force", "--force belongs to enroll.")]
    [InlineData("run --out x", "--out belongs to enroll.")]
    [InlineData("run -c a.toml", "run takes no rule file")]
    [InlineData("run --standalone a.toml", "--standalone does not go with run")]
    [InlineData("run a.toml", "\"a.toml\" is not a command")]
    [InlineData("rnu", "did you mean run?")]
    [InlineData("run --check", "--check does not go with run")]
    [InlineData("--standalone --credentials x", "--credentials belongs to run")]
    [InlineData("check --state-dir x", "--state-dir belongs to run")]
    [InlineData("run --state-dir=", "--state-dir needs a path")]
    [InlineData("chek a.toml", "did you mean check?")]
    [InlineData("--standalne a.toml", "did you mean --standalone?")]
    [InlineData("--standalone --log-levl=debug", "did you mean --log-level?")]
    [InlineData("--standalone -x", "-x is not a flag.")]
    [InlineData("--standalone a.toml b.toml", "\"b.toml\" is not a command")]
    [InlineData("--standalone a.toml -c b.toml", "Two rule files")]
    [InlineData("check a.toml b.toml", "Two rule files")]
    [InlineData("--config", "--config needs a value")]
    [InlineData("--config --no-stats", "--config needs a value")]
    [InlineData("--standalone --log-level", "--log-level needs a value")]
    [InlineData("--standalone --log-level loud", "--log-level is trace, debug, info, warn or error, not \"loud\".")]
    [InlineData("--standalone --log-format xml", "--log-format is text or json, not \"xml\".")]
    [InlineData("--standalone --log-level info --log-level debug", "given twice")]
    [InlineData("--standalone --no-stats=yes", "--no-stats takes no value")]
    [InlineData("--standalone --no-stats --stats-socket /x", "exclude each other")]
    [InlineData("--standalone --once", "--once belongs to stats")]
    [InlineData("check --standalone a.toml", "--standalone does not go with check")]
    [InlineData("stats -c a.toml", "stats reads from a socket")]
    public void Read_WronglyAsked_SaysWhatIsWrong(string line, string sentence)
    {
        Assert.Null(CommandLineReader.Read(Words(line), _ => null, out var problems));
        Assert.Contains(sentence, string.Join('\n', problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_WrongEnvironment_NamesTheVariable()
    {
        Assert.Null(CommandLineReader.Read(["--standalone"], name => name == CommandLineReader.LogLevelVariable ? "loud" : null, out var problems));
        Assert.StartsWith("PORTUNUS_LOG_LEVEL is ", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SeveralMistakes_AreToldAtOnce()
    {
        Assert.Null(CommandLineReader.Read(Words("--standalone a.toml b.toml --colour --log-level"), _ => null, out var problems));
        Assert.Equal(3, problems.Count);
    }

    private static CommandLine Asked(string line, Dictionary<string, string>? environment = null)
    {
        var read = CommandLineReader.Read(Words(line), name => environment?.GetValueOrDefault(name), out var problems);
        Assert.Empty(problems);
        return Assert.IsType<CommandLine>(read);
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string Line(string code) => $"portunus://h:7443/enroll?pin=sha256:{new string('a', 64)}&code={code}";
}

using System.Text;
using Portunus.Shared.RuleFiles;
using Portunus.Shared.Rules;
using Portunus.Tests.House;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Shared.RuleFiles;

/// <summary>Whatever the bytes, reading ends, throws nothing, and tells a bounded number of problems that lie in the text.</summary>
public sealed class RuleFileFuzzTests
{
    private static readonly string s_full = File.ReadAllText(Path.Combine(HouseRoot.Folder, "examples", "full.toml")).Replace("#: ", "", StringComparison.Ordinal);

    private static readonly Dictionary<string, Func<string>> s_monsters = new()
    {
        ["unknown keys"] = () => string.Concat(Enumerable.Range(0, 150_000).Select(i => $"unknown_{i} = 1\n")),
        ["one long key"] = () => $"{new string('k', 3_000_000)} = 1",
        ["one long word"] = () => $"{RuleText.SoundRule}protocol = '{new string('p', 3_000_000)}'",
        ["rules on one port"] = () => string.Concat(Enumerable.Range(0, 12_000).Select(i => $"[[rule]]\nname='{i}'\nlisten_port=1\ntarget='a.b:1'\nenabled={(i % 2 == 0 ? "true" : "false")}\n")),
        ["empty rules"] = () => string.Concat(Enumerable.Repeat("[[rule]]\n", 300_000)),
        ["empty inline rules"] = () => $"rule = [{string.Concat(Enumerable.Repeat("{},", 500_000))}]",
        ["targets"] = () => $"{RuleText.SoundRule}targets = [{string.Concat(Enumerable.Repeat("{host='a.b',port=1},", 100_000))}]".Replace("target = \"192.0.2.1:80\"", "", StringComparison.Ordinal),
        ["server names"] = () => $"{RuleText.SoundRule}sni = [{string.Concat(Enumerable.Range(0, 150_000).Select(i => $"'n{i}.example.org',"))}]",
        ["prefixes"] = () => $"{RuleText.SoundRule}deny = [{string.Concat(Enumerable.Range(0, 100_000).Select(i => $"'10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}',"))}]",
        ["wrong prefixes"] = () => $"{RuleText.SoundRule}deny = [{string.Concat(Enumerable.Repeat("'no',", 300_000))}]",
        ["deep arrays"] = () => $"rule = {new string('[', 2_000_000)}",
        ["deep inline tables"] = () => string.Concat(Enumerable.Repeat("rule={", 500_000)),
        ["deep keys"] = () => $"{string.Concat(Enumerable.Repeat("rule.", 500_000))}a = 1",
        ["deep headers"] = () => string.Concat(Enumerable.Range(0, 90).Select(i => $"[rule{string.Concat(Enumerable.Repeat(".limits", i))}]\n")),
        ["zero bytes"] = () => new string('\0', 4_000_000),
    };

    public static TheoryData<string> Monsters => [.. s_monsters.Keys];

    [Fact]
    public void RandomBytes_NeverThrow()
    {
        var random = new Random(31_001);
        for (var turn = 0; turn < 2000; turn++)
        {
            var bytes = new byte[random.Next(300)];
            random.NextBytes(bytes);
            Check(bytes);
        }
    }

    [Fact]
    public void BytesOfTheFullFileChanged_NeverThrow()
    {
        var random = new Random(31_002);
        var sound = Encoding.UTF8.GetBytes(s_full);
        for (var turn = 0; turn < 400; turn++)
        {
            Check(MutatedBytes.Of(sound, random, 7, 39));
        }
    }

    [Fact]
    public void ValuesOfTheFullFileChanged_NeverThrow()
    {
        string[] values =
        [
            "0", "-1", "9223372036854775807", "-9223372036854775808", "1.5", "nan", "true", "\"\"", "\"\\u0000\"", "[]", "[[]]", "{}", "[{}]", "[1, \"a\"]",
            "1979-05-27", "\"::\"", "\"1-65535\"", "\"[::1]:1\"", "\":\"", "\"*.\"", "\"0.0.0.0/0\"", "[\"::/0\", \"\"]", "{ host = {} }",
        ];
        var random = new Random(31_003);
        for (var turn = 0; turn < 600; turn++)
        {
            var lines = s_full.Split('\n');
            for (var edits = random.Next(1, 6); edits > 0; edits--)
            {
                var at = random.Next(lines.Length);
                var equals = lines[at].IndexOf('=');
                lines[at] = equals < 0 ? lines[random.Next(lines.Length)] : lines[at][..(equals + 1)] + values[random.Next(values.Length)];
            }

            Check(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        }
    }

    [Theory]
    [MemberData(nameof(Monsters))]
    public void MegabytesOfOneThing_AreReadToTheEnd(string what)
    {
        Check(Encoding.UTF8.GetBytes(s_monsters[what]()));
    }

    [Fact]
    public void ThousandsOfRules_AreReadWithoutAProblem()
    {
        var text = string.Concat(Enumerable.Range(0, RuleFileReader.MaxRules).Select(i =>
            $"[[rule]]\nname = 'rule {i}'\nlisten_port = {i + 1}\ntarget = 'host-{i}.example.org:{i + 1}'\nnote = '{new string('n', 200)}'\n"));

        Assert.Equal(RuleFileReader.MaxRules, RuleText.Sound(text).Rules.Count);
        Assert.Equal("too_many_rules", RuleText.Problem(text + "[[rule]]\nname = 'one more'\nlisten_port = 65000\ntarget = 'a.example:1'").Code);
    }

    [Fact]
    public void MoreProblemsThanAreShown_AreCounted()
    {
        var result = RuleText.Read(RuleText.SoundRule + string.Concat(Enumerable.Range(0, 1000).Select(i => $"unknown_{i} = 1\n")));

        Assert.Equal(RuleFileReader.MaxProblems + 1, result.Problems.Count);
        Assert.Equal(("too_many_problems", $"{1000 - RuleFileReader.MaxProblems} more problems are not shown."), (result.Problems[^1].Code, result.Problems[^1].Text));
    }

    [Fact]
    public void MoreWarningsThanAreShown_AreCounted()
    {
        var rules = Enumerable.Range(1, RuleFileReader.MaxProblems + 3).Select(port => $"[[rule]]\nname = '{port}'\nlisten_port = {port}\ntarget = 'a.example:1'\n");

        var result = RuleText.Read(string.Concat(rules), new PortRange(1, 65535));

        Assert.NotNull(result.File);
        Assert.Equal(("too_many_warnings", "3 more warnings are not shown."), (result.Warnings[^1].Code, result.Warnings[^1].Text));
    }

    [Fact]
    public void ForeignText_IsShortAndCannotReachATerminal()
    {
        var result = RuleText.Read($"{RuleText.SoundRule}protocol = \"\\u001b[31m{new string('x', 10_000)}\"\nbalance = \"a\\nb\"\n\"\\u0007\" = 1");

        Assert.Equal(3, result.Problems.Count);
        Assert.All(result.Problems, problem =>
        {
            Assert.InRange(problem.Text.Length, 10, 500);
            Assert.DoesNotContain(problem.Text + problem.Field, char.IsControl);
        });
    }

    private static void Check(byte[] utf8)
    {
        var result = RuleFileReader.Read(utf8, new PortRange(1, 65535));

        Assert.Equal(result.Problems.Count == 0, result.File is not null);
        var lines = utf8.Count(one => one == '\n') + 1;
        foreach (var told in new[] { result.Problems, result.Warnings })
        {
            Assert.InRange(told.Count, 0, RuleFileReader.MaxProblems + 1);
            Assert.Equal(told.OrderBy(problem => problem.Line).Select(problem => problem.Line), told.Select(problem => problem.Line));
            Assert.All(told, problem =>
            {
                Assert.InRange(problem.Line, 1, lines);
                Assert.InRange(problem.Column, 1, utf8.Length + 1);
                Assert.InRange(problem.Text.Length, 1, 500);
                Assert.InRange(problem.Field.Length, 0, 500);
                Assert.Matches("^[a-z0-9_]+$", problem.Code);
            });
        }
    }
}

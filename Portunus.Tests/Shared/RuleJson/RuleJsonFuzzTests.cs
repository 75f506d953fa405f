using System.Text;
using System.Text.Json;
using Portunus.Shared.Json;
using Portunus.Shared.RuleJson;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Shared.RuleJson;

/// <summary>Whatever the bytes, reading and patching end, throw nothing, and tell a bounded number of bounded problems.</summary>
public sealed class RuleJsonFuzzTests
{
    private static readonly byte[] s_full = RuleJsonWriter.ToUtf8(RuleJsonTests.Full);

    private static readonly string[] s_values =
    [
        "0", "-1", "9223372036854775807", "9223372036854775808", "1.5", "1e999", "true", "null", "\"\"", "\"\\u0000\"", "\"\\ud800\"", "[]", "[[]]", "[null]",
        "{}", "[{}]", "[1,\"a\"]", "\"::\"", "\"1-65535\"", "\"[::1]:1\"", "\":\"", "\"*.\"", "\"9999-12-31T23:59:59-14:00\"", "\"0001-01-01T00:00:00+14:00\"",
    ];

    [Fact]
    public void RandomBytes_NeverThrow()
    {
        var random = new Random(41_001);
        for (var turn = 0; turn < 3000; turn++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            Check(bytes);
        }
    }

    [Fact]
    public void BytesOfTheFullRuleChanged_NeverThrow()
    {
        var random = new Random(41_002);
        for (var turn = 0; turn < 4000; turn++)
        {
            Check(MutatedBytes.Of(s_full, random, 5, 29));
        }
    }

    [Fact]
    public void ValuesOfAnyKindInAnyField_NeverThrow()
    {
        var random = new Random(41_003);
        foreach (var (name, inside) in Places())
        {
            foreach (var value in s_values)
            {
                Check(Encoding.UTF8.GetBytes(inside is null ? $"{{\"{name}\":{value}}}" : $"{{\"{inside}\":{(inside == "targets" ? $"[{{\"{name}\":{value}}}]" : $"{{\"{name}\":{value}}}")}}}"));
            }
        }

        for (var turn = 0; turn < 2000; turn++)
        {
            var fields = Enumerable.Range(0, random.Next(1, 12)).Select(_ =>
                $"\"{RuleJsonFields.Rule[random.Next(RuleJsonFields.Rule.Count)]}\":{s_values[random.Next(s_values.Length)]}");
            Check(Encoding.UTF8.GetBytes("{" + string.Join(',', fields) + "}"));
        }
    }

    [Fact]
    public void MegabytesOfOneThing_AreReadToTheEnd()
    {
        Check(Encoding.UTF8.GetBytes("{" + string.Join(',', Enumerable.Range(0, 100_000).Select(i => $"\"unknown_{i}\":1")) + "}"));
        Check(Encoding.UTF8.GetBytes("{\"deny\":[" + string.Join(',', Enumerable.Repeat("\"no\"", 200_000)) + "]}"));
        Check(Encoding.UTF8.GetBytes("{\"targets\":[" + string.Join(',', Enumerable.Repeat("{}", 200_000)) + "]}"));
        Check(Encoding.UTF8.GetBytes($"{{\"name\":\"{new string('n', 3_000_000)}\",\"protocol\":\"{new string('\u00e9', 1_000_000)}\"}}"));
        Check(Encoding.UTF8.GetBytes($"{{\"{new string('k', 3_000_000)}\":1}}"));
    }

    private static IEnumerable<(string Name, string? Inside)> Places() =>
    [
        .. RuleJsonFields.Rule.Select(name => (name, (string?)null)),
        .. RuleJsonFields.Target.Select(name => (name, (string?)"targets")),
        .. RuleJsonFields.Limits.Select(name => (name, (string?)"limits")),
        .. RuleJsonFields.HealthCheck.Select(name => (name, (string?)"health_check")),
    ];

    private static void Check(byte[] utf8)
    {
        var result = RuleJsonReader.Read(utf8);

        Assert.Equal(result.Problems.Count == 0, result.Rule is not null);
        Assert.Equal(result.Rule is null, result.Spec is null);
        Assert.InRange(result.Problems.Count, 0, FieldProblems.MaxShown + 1);
        Assert.All(result.Problems, problem =>
        {
            Assert.InRange(problem.Text.Length, 1, 500);
            Assert.InRange(problem.Field.Length, 0, 500);
            Assert.Matches("^[a-z0-9_]+$", problem.Code);
            Assert.DoesNotContain(problem.Text + problem.Field, char.IsControl);
        });
        if (JsonText.TryParse(utf8, out var patch, out _))
        {
            using (patch)
            {
                using var original = JsonDocument.Parse(s_full);
                RuleJsonReader.Read(MergePatch.Apply(original.RootElement, patch.RootElement));
            }
        }
    }
}

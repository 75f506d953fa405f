using System.Reflection;
using System.Text.Json;
using Portunus.Shared.RuleFiles;
using Portunus.Shared.Rules;
using Portunus.Tests.Shared.Rules;

namespace Portunus.Tests.Shared.RuleFiles;

/// <summary>What the checks of rules say reaches the reader of a file with the field and the place of the file.</summary>
public sealed class RuleFieldTests
{
    public static TheoryData<int, string> Cases()
    {
        var rows = new TheoryData<int, string>();
        for (var i = 0; i < ProblemCases.All.Count; i++)
        {
            // An entry that is nothing cannot be written in TOML.
            if (ProblemCases.All[i].Code != "target_empty")
            {
                rows.Add(i, ProblemCases.All[i].Code);
            }
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void EveryProblemOfARule_HasItsFieldAndPlace(int index, string code)
    {
        var one = ProblemCases.All[index];
        var text = "\n" + SpecText.Of(one.Spec);

        var problem = Assert.Single(RuleText.Read(text).Problems, problem => problem.Code != ServedFeatures.Code);

        Assert.Equal((code, $"rule[0].{one.Field}"), (problem.Code, problem.Field));
        Assert.Equal(LineOf(one.Field, text), problem.Line);
        Assert.NotInRange(problem.Column, int.MinValue, 0);
    }

    [Theory]
    [InlineData("", "udp_max_flows")]
    [InlineData("", "udp_idle_seconds")]
    [InlineData("", "connect_timeout_ms")]
    [InlineData("", "idle_seconds")]
    [InlineData("[[rule.targets]]\nhost = 'b.example'\nport = 5\n", "targets[0].priority")]
    [InlineData("[[rule.targets]]\nhost = 'b.example'\nport = 5\n", "targets[0].weight")]
    [InlineData("[[rule.targets]]\nhost = 'b.example'\n", "targets[0].port")]
    [InlineData("[rule.limits]\n", "limits.bytes_per_second_in")]
    [InlineData("[rule.limits]\n", "limits.bytes_per_second_out")]
    [InlineData("[rule.limits]\n", "limits.new_flows_per_second")]
    [InlineData("[rule.limits]\n", "limits.concurrent_flows")]
    [InlineData("[rule.health_check]\n", "health_check.interval_seconds")]
    [InlineData("[rule.health_check]\ninterval_seconds = 5\n", "health_check.timeout_ms")]
    [InlineData("[rule.health_check]\ninterval_seconds = 5\n", "health_check.rise")]
    [InlineData("[rule.health_check]\ninterval_seconds = 5\n", "health_check.fall")]
    public void EveryNumber_IsReadAndBounded(string table, string field)
    {
        var key = field[(field.LastIndexOf('.') + 1)..];
        var target = table.Contains("targets", StringComparison.Ordinal) ? "" : "target = 'a.example:1'\n";
        var text = $"[[rule]]\nname = 'a'\nlisten_port = 1\n{target}{table}{key} = -1\n";

        var problem = Assert.Single(RuleText.Read(text).Problems, problem => problem.Code != ServedFeatures.Code);

        Assert.Equal(("out_of_range", $"rule[0].{field}", text.Count(one => one == '\n'), key.Length + 4),
            (problem.Code, problem.Field, problem.Line, problem.Column));
        Assert.Contains(" and ", problem.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void KeysOfARule_AreTheFieldsOfItsSpec()
    {
        string[] expected =
        [
            .. Fields<RuleSpec>("rule.").Where(key => key != "rule.expires_at"), .. Fields<TargetSpec>("rule.targets."),
            .. Fields<LimitSpec>("rule.limits."), .. Fields<HealthCheckSpec>("rule.health_check."), "rule.udp_flow_idle_secs",
        ];

        Assert.Equal(expected.Order(), RuleFileKeys.All.Where(key => key.StartsWith("rule.", StringComparison.Ordinal)).Order());

        static IEnumerable<string> Fields<T>(string prefix) => typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Select(property => prefix + JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
    }

    [Theory]
    [InlineData("listen_prot = 1\ntarget = 'a.example:1'", "unknown_key")]
    [InlineData("listen = 1\ntarget = 'a.example:1'", "unknown_key")]
    [InlineData("listen_port = '1'\ntarget = 'a.example:1'", "wrong_type")]
    [InlineData("listen_ports = 1\ntarget = 'a.example:1'", "wrong_type")]
    [InlineData("listen_port = 1\ntarget = 5", "wrong_type")]
    [InlineData("listen_port = 1\nlisten_adress = '10.0.0.1'\ntarget = '127.0.0.1:1'", "unknown_key")]
    [InlineData("listen_port = 1\ntargets = 'a.example:1'", "wrong_type")]
    [InlineData("listen_port = 1\ntargets = ['a.example:1']", "wrong_type")]
    [InlineData("listen_port = 1\ntargets = [{ host = 5, port = 1 }]", "wrong_type")]
    [InlineData("listen_port = 1\ntargets = [{ host = 'a.example', prot = 1 }]", "unknown_key")]
    [InlineData("listen_port = 1\ntarget = 'a.example:1'\nallow = [5]", "wrong_type")]
    [InlineData("listen_port = 1\ntarget = 'a.example:1'\nallow = '10.0.0.0/8'", "wrong_type")]
    [InlineData("listen_port = 1\ntarget = 'a.example:1'\nlimits = { bytes_per_second_in = 1.5, burst_bytes_in = 1 }", "wrong_type")]
    [InlineData("listen_port = 1\ntarget = 'a.example:1'\naccept_proxy = true\nproxy_protocol_from = ['10.0.0.1']", "unknown_key")]
    [InlineData("listen_port = 1\nprotocol = 'upd'\ntargets = [{ host = 'a.example', port = 1, proxy_protocol = 'v2-each' }]", "protocol_unknown")]
    [InlineData("listen_port = 1\nprotocol = 5\ntargets = [{ host = 'a.example', port = 1, proxy_protocol = 'v2-each' }]", "wrong_type")]
    [InlineData("listen_port = = 1\ntarget = 'a.example:1'", "toml_syntax")]
    [InlineData("listen_port = 1\ntarget = 'a.example:1\n", "toml_syntax")]
    [InlineData("listen_port = 1\n[[rule.targets]\nhost = 'a.example'\nport = 1", "toml_syntax")]
    public void WhatFollowsFromAnotherProblem_IsNotToldAsWell(string lines, string code)
    {
        Assert.Equal(code, RuleText.Problem($"[[rule]]\nname = 'a'\n{lines}").Code);
    }

    [Fact]
    public void MisspeltNameBesideTheRightOne_HidesNothing()
    {
        var result = RuleText.Read("[[rule]]\nname = 'a'\nlisten_port = 0\nlisten_prot = 1\ntarget = 'a.example:1'");

        Assert.Equal(["3:15 out_of_range rule[0].listen_port", "4:1 unknown_key rule[0].listen_prot"], result.Problems.Select(RuleText.Line));
    }

    [Theory]
    [InlineData("proxy_protocol = 'v2'", "\"proxy_protocol\" is not a key of [[rule]]; it belongs in an entry of targets.")]
    [InlineData("concurrent_flows = 5", "\"concurrent_flows\" is not a key of [[rule]]; it belongs in limits.")]
    [InlineData("log_level = 'info'", "\"log_level\" is not a key of [[rule]]; it belongs in [global].")]
    [InlineData("connect_timeout = 5", "\"connect_timeout\" is not a key of [[rule]]; did you mean connect_timeout_ms?")]
    [InlineData("udp_flow_idle_sec = 5", "\"udp_flow_idle_sec\" is not a key of [[rule]]; did you mean udp_flow_idle_secs?")]
    [InlineData("Deny = []", "\"Deny\" is not a key of [[rule]]; did you mean deny?")]
    [InlineData("limits = { bandwidth = 1 }", "\"bandwidth\" is not a key of limits.")]
    public void UnknownKey_IsAnsweredWithWhatWasMeant(string line, string text)
    {
        Assert.Equal(("unknown_key", text), RuleText.Problem(RuleText.SoundRule + line) is var problem ? (problem.Code, problem.Text) : default);
    }

    [Fact]
    public void OldName_IsCalledAsTheFileCallsIt()
    {
        var problem = RuleText.Problem(RuleText.SoundRule + "udp_flow_idle_secs = 4");

        Assert.Equal(new FileProblem("out_of_range", "rule[0].udp_flow_idle_secs", "udp_flow_idle_secs must be between 5 and 3600; this is 4.", 5, 22), problem);
    }

    [Fact]
    public void InlineRules_HavePlacesToo()
    {
        var problem = RuleText.Problem("rule = [\n  { name = 'a', listen_port = 1, target = 'a.example:1' },\n  { name = 'b', listen_port = 2 },\n]");

        Assert.Equal(("target_missing", "rule[1].target", 3, 3), (problem.Code, problem.Field, problem.Line, problem.Column));
    }

    /// <summary>Where the text has the field; where it has none, the innermost table around it; both in the order of the text.</summary>
    private static int LineOf(string field, string text)
    {
        var lines = text.Split('\n');
        var parts = field.Split('.');
        var from = parts.Length == 1 && !field.StartsWith("targets[", StringComparison.Ordinal) ? 1 : TableLine(parts[0]);
        var key = parts[^1].Split('[')[0];
        for (var i = from; i < lines.Length && (i == from || !lines[i].StartsWith('[')); i++)
        {
            if (lines[i].StartsWith(key + " =", StringComparison.Ordinal) || lines[i].StartsWith($"[[rule.{field}]]", StringComparison.Ordinal))
            {
                return i + 1;
            }
        }

        return field == "targets" && text.Contains("[[rule.targets]]", StringComparison.Ordinal) ? TableLine("targets[0]") + 1 : from + 1;

        int TableLine(string part)
        {
            var number = part.EndsWith(']') ? int.Parse(part[(part.IndexOf('[') + 1)..^1]) : 0;
            var header = part.EndsWith(']') ? $"[[rule.{part.Split('[')[0]}]]" : $"[rule.{part}]";
            return lines.Index().Where(line => line.Item == header).ElementAt(number).Index;
        }
    }
}

using Portunus.Shared.RuleFiles;

namespace Portunus.Tests.Shared.RuleFiles;

/// <summary>What a file itself can have wrong, each with its code, its field and its place.</summary>
public sealed class RuleFileProblemTests
{
    [Theory]
    [InlineData("[global]\nlog_levle = 'info'", "unknown_key", "global.log_levle", 2, 1, "\"log_levle\" is not a key of [global]; did you mean log_level?")]
    [InlineData("[globl]\nlog_level = 'info'", "unknown_key", "globl", 1, 2, "\"globl\" is not a key of the file; did you mean global?")]
    [InlineData("[global]\nrefresh_ms = 250", "unknown_key", "global.refresh_ms", 2, 1, "\"refresh_ms\" is not a key of [global]; it belongs in [stats].")]
    [InlineData("[global]\n\"a b\" = 1", "unknown_key", "global.\"a b\"", 2, 1, "\"a b\" is not a key of [global].")]
    [InlineData("[global]\nlabel = 5", "wrong_type", "global.label", 2, 9, "label must be a string; this is an integer.")]
    [InlineData("global = 5", "wrong_type", "global", 1, 10, "global must be a table; this is an integer.")]
    [InlineData("[global]\nlabel = \"a\\tb\"", "label_text", "global.label", 2, 9, "label must have at most 256 characters and no control characters.")]
    [InlineData("[global]\nlog_level = 'loud'", "log_level_unknown", "global.log_level", 2, 13, "log_level must be one of trace, debug, info, warn, error; this is \"loud\".")]
    [InlineData("[global]\nlog_format = 'xml'", "log_format_unknown", "global.log_format", 2, 14, "log_format must be one of json, text, pretty; this is \"xml\".")]
    [InlineData("[global]\nreload_flows = 'x'", "reload_flows_unknown", "global.reload_flows", 2, 16, "reload_flows must be one of keep, drain, cut; this is \"x\".")]
    [InlineData("[global]\nshutdown_drain_secs = -1", "out_of_range", "global.shutdown_drain_secs", 2, 23, "shutdown_drain_secs must be between 0 and 3600; this is -1.")]
    [InlineData("[stats]\nenabled = 'yes'", "wrong_type", "stats.enabled", 2, 11, "enabled must be true or false; this is a string.")]
    [InlineData("[stats]\nsocket_path = ''", "socket_path_length", "stats.socket_path", 2, 15, "socket_path must have 1 to 107 bytes and no zero byte.")]
    [InlineData("[stats]\nrefresh_ms = 249", "out_of_range", "stats.refresh_ms", 2, 14, "refresh_ms must be between 250 and 5000; this is 249.")]
    [InlineData("[stats]\nrefresh_ms = 500.0", "wrong_type", "stats.refresh_ms", 2, 14, "refresh_ms must be an integer; this is a float.")]
    [InlineData("[metrics]\nlisten = '127.0.0.1:8080'", "port_collision", "metrics.listen", 2, 10, "Port 8080 is already taken by the rule \"sound\".")]
    [InlineData("[metrics]\nport = 7081", "unknown_key", "metrics.port", 2, 1, "\"port\" is not a key of [metrics]; it belongs in an entry of targets.")]
    [InlineData("[defaults]\nprotocol = 'sctp'", "protocol_unknown", "defaults.protocol", 2, 12, "protocol must be one of tcp, udp; this is \"sctp\".")]
    [InlineData("[defaults]\nudp_max_flows = 0", "out_of_range", "defaults.udp_max_flows", 2, 17, "udp_max_flows must be between 1 and 65535; this is 0.")]
    [InlineData("[defaults]\nudp_flow_idle_secs = 0", "out_of_range", "defaults.udp_flow_idle_secs", 2, 22, "udp_flow_idle_secs must be between 5 and 3600; this is 0.")]
    [InlineData("[defaults]\nname = 'x'", "unknown_key", "defaults.name", 2, 1, "\"name\" is not a key of [defaults]; it belongs in [[rule]].")]
    [InlineData("[defaults]\nprefer_ipv6 = 'no'", "wrong_type", "defaults.prefer_ipv6", 2, 15, "prefer_ipv6 must be true or false; this is a string.")]
    public void Table_WithOneFault_IsToldInItsPlace(string tables, string code, string field, int line, int column, string text)
    {
        var problem = RuleText.Problem($"{tables}\n{RuleText.SoundRule}");

        Assert.Equal(new FileProblem(code, field, text, line, column), problem);
    }

    [Theory]
    [InlineData("", "no_rules", "rule", 1, 1)]
    [InlineData("[global]\n", "no_rules", "rule", 1, 1)]
    [InlineData("\n  rule = []", "no_rules", "rule", 2, 10)]
    [InlineData("[rule]\nname = 'x'", "wrong_type", "rule", 1, 1)]
    [InlineData("rule = [5]", "wrong_type", "rule[0]", 1, 9)]
    [InlineData("[[rules]]\nname = 'x'", "unknown_key", "rules", 1, 3)]
    [InlineData("[[rule\nname = 'x'", "toml_syntax", "", 1, 7)]
    [InlineData("[[rule]]\nname = \"x", "toml_syntax", "", 2, 10)]
    public void FileWithoutRules_IsToldOnce(string text, string code, string field, int line, int column)
    {
        var problem = RuleText.Problem(text);

        Assert.Equal((code, field, line, column), (problem.Code, problem.Field, problem.Line, problem.Column));
    }

    [Fact]
    public void TextThatIsNotUtf8_IsToldWhere()
    {
        var problem = Assert.Single(RuleFileReader.Read([.. "[[rule]]\nname = \""u8, 0xFF, (byte)'"']).Problems);

        Assert.Equal(("toml_syntax", 2, 9), (problem.Code, problem.Line, problem.Column));
    }

    [Theory]
    [InlineData("[[rule]]\nname='a'\nudp_idle_seconds = 60\nudp_flow_idle_secs = 60\nlisten_port=1\ntarget='t.example:1'", "rule[0].udp_flow_idle_secs", 4)]
    [InlineData("[[rule]]\nname='a'\nudp_flow_idle_secs = 60\nudp_idle_seconds = 60\nlisten_port=1\ntarget='t.example:1'", "rule[0].udp_idle_seconds", 4)]
    [InlineData("[defaults]\nudp_flow_idle_secs = 60\nudp_idle_seconds = 60\n" + RuleText.SoundRule, "defaults.udp_idle_seconds", 3)]
    public void OldAndPresentName_TogetherAreRefused(string text, string field, int line)
    {
        var problem = RuleText.Problem(text);

        Assert.Equal(("key_twice", field, line, 1), (problem.Code, problem.Field, problem.Line, problem.Column));
        Assert.Contains($"line {line - 1}", problem.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("id = 5")]
    [InlineData("edge = 'e'")]
    [InlineData("owner = 'o'")]
    [InlineData("expires_at = 2030-01-01T00:00:00Z")]
    public void FieldOfOtherRules_IsRefusedByName(string line)
    {
        var problem = RuleText.Problem(RuleText.SoundRule + line);

        Assert.Equal(("not_in_file", $"rule[0].{line.Split(' ')[0]}", 5, 1), (problem.Code, problem.Field, problem.Line, problem.Column));
    }

    [Fact]
    public void WrongDefault_IsToldOnceForAllRules()
    {
        var text = "[defaults]\nprotocol = 'upd'\nconnect_timeout_ms = 1\n" + string.Concat(Enumerable.Range(1, 20).Select(port =>
            $"[[rule]]\nname = 'r{port}'\nlisten_port = {port}\ntargets = [{{ host = 't.example', port = 1, proxy_protocol = 'v2-each' }}]\n"));

        Assert.Equal(["2:12 protocol_unknown defaults.protocol", "3:22 out_of_range defaults.connect_timeout_ms"],
            RuleText.Read(text).Problems.Select(RuleText.Line));
    }

    [Fact]
    public void NameTwice_NamesTheLineOfTheFirst()
    {
        var problem = RuleText.Problem(RuleText.SoundRule + RuleText.SoundRule.Replace("8080", "8081", StringComparison.Ordinal));

        Assert.Equal(new FileProblem("name_duplicate", "rule[1].name", "The rule on line 1 is already named \"sound\".", 6, 8), problem);
    }

    [Fact]
    public void PortTwice_IsToldAtTheSecond()
    {
        var problem = RuleText.Problem(RuleText.SoundRule + "[[rule]]\nname = 'b'\nlisten_ports = '8000-8100'\ntarget = 'b.example:8000-8100'");

        Assert.Equal(new FileProblem("port_collision", "rule[1].listen_ports", "Port 8080 is already taken by the rule \"sound\".", 7, 16), problem);
    }

    [Fact]
    public void PortTwice_IsToldAlsoOfRulesWithOtherProblems()
    {
        var result = RuleText.Read("[[rule]]\nlisten_port = 8080\ntarget = 'nowhere'\n" + RuleText.SoundRule);

        Assert.Equal(["1:1 name_missing rule[0].name", "3:10 target_malformed rule[0].target", "6:15 port_collision rule[1].listen_port"],
            result.Problems.Select(RuleText.Line));
        Assert.Contains("rule[0]", result.Problems[2].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void NameOnAPort_IsToldOnceForEachOfItsRules()
    {
        const string Text = """
            [[rule]]
            name = "a"
            listen_port = 443
            target = "a.example:443"
            sni = "shop.example.org"
            [[rule]]
            name = "b"
            listen_port = 443
            target = "b.example:443"
            sni = ["SHOP.example.org."]
            [[rule]]
            name = "c"
            listen_port = 443
            target = "c.example:443"
            sni_fallback = true
            [[rule]]
            name = "d"
            listen_port = 443
            target = "d.example:443"
            sni_fallback = true
            """;

        Assert.Equal(
            ["10:7 sni_name_duplicate rule[1].sni", "20:16 sni_fallback_duplicate rule[3].sni_fallback"],
            RuleText.Read(Text).Problems.Where(problem => problem.Code != "not_supported_yet").Select(RuleText.Line));
    }

    [Theory]
    [InlineData("sni = 'a.example.org'", "sni", 7)]
    [InlineData("sni_fallback = true", "sni_fallback", 16)]
    [InlineData("accept_proxy_protocol = true\nproxy_protocol_from = ['10.0.0.1']", "accept_proxy_protocol", 25)]
    public void NotServed_IsRefusedByName(string lines, string field, int column)
    {
        var problem = RuleText.Problem(RuleText.SoundRule + lines);

        Assert.Equal(("not_supported_yet", $"rule[0].{field}", 5, column), (problem.Code, problem.Field, problem.Line, problem.Column));
    }

    [Fact]
    public void SyntaxErrors_DoNotHideTheRest()
    {
        var result = RuleText.Read("""
            [global]
            label = oops
            [[rule]]
            name = "a"
            listen_port = 80 80
            target = "192.0.2.1:80"
            [[rule]]
            name = "b"
            listen_port = 0
            """);

        Assert.Equal(
            ["2:9 toml_syntax ", "5:18 toml_syntax ", "7:1 target_missing rule[1].target", "9:15 out_of_range rule[1].listen_port"],
            result.Problems.Select(RuleText.Line));
    }
}

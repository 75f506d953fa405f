using Portunus.Shared.Ids;
using Portunus.Shared.Rules;

namespace Portunus.Tests.Shared.Rules;

/// <summary>Whatever the text, a parser answers: it never throws, and a refusal has its reason.</summary>
public sealed class RuleParsersTests
{
    private const string Signs = "0123456789abcdefxXzZ.:-*/[]%_ \t\n\0\"'\u00e9\u0130\u212A\uD83D\uDE00\uD800";

    private static readonly string[] s_seeds =
    [
        "10.0.0.0/8", "2001:db8::/32", "::ffff:10.0.0.0/104", "fe80::1%1", "[::1]:80", "host.example.org:80-90", "*.example.org",
        "80-90", "65535", "host:1", "0190163d-8694-739b-aea5-966c26f8ad91", "tcp", "round_robin", "v2-each", "00ff",
    ];

    [Fact]
    public void RandomText_NeverThrows()
    {
        var random = new Random(20_270);
        for (var turn = 0; turn < 20_000; turn++)
        {
            Read(new string([.. Enumerable.Range(0, random.Next(40)).Select(_ => Signs[random.Next(Signs.Length)])]));
        }
    }

    [Fact]
    public void MutatedText_NeverThrows()
    {
        var random = new Random(20_271);
        for (var turn = 0; turn < 20_000; turn++)
        {
            var text = s_seeds[random.Next(s_seeds.Length)].ToList();
            for (var edits = random.Next(1, 4); edits > 0; edits--)
            {
                var at = random.Next(text.Count + 1);
                if (random.Next(3) == 0 && at < text.Count)
                {
                    text.RemoveAt(at);
                }
                else
                {
                    text.Insert(at, Signs[random.Next(Signs.Length)]);
                }
            }

            Read(new string([.. text]));
        }
    }

    [Fact]
    public void VeryLongText_NeverThrows()
    {
        foreach (var sign in Signs)
        {
            Read(new string(sign, 20_000));
        }
    }

    private static void Read(string text)
    {
        if (CidrSet.TryParsePrefix(text, out var network, out var reason))
        {
            Assert.True(CidrSet.TryParsePrefix(network.ToString(), out var again, out _));
            Assert.Equal(network, again);
            Assert.True(new CidrSet([network]).Contains(network.BaseAddress.GetAddressBytes()));
        }
        else
        {
            Assert.NotEmpty(reason);
        }

        Assert.True(PortRange.TryParse(text, out var range, out reason) ? range is { First: >= 1, Last: <= 65535, Length: >= 1 } : reason.Length > 0);
        Assert.True(HostName.TryParseName(text, out var name, out var code, out reason) ? HostName.TryParseName(name, out _, out _, out _) : code.Length > 0 && reason.Length > 0);
        Assert.True(HostPattern.TryParse(text, out var pattern, out reason) ? HostPattern.TryParse(pattern.ToString(), out _, out _) : reason.Length > 0);
        if (HostName.TryParseLiteral(text, out var literal))
        {
            Assert.True(HostName.TryParseLiteral(literal.ToString(), out var again));
            Assert.Equal(literal, again);
        }

        Assert.True(!RuleId.TryParse(text, out var id) || string.Equals(id.ToString(), text, StringComparison.OrdinalIgnoreCase));
        Assert.True(!AccountId.TryParse(text, out var account) || string.Equals(account.ToString(), text, StringComparison.OrdinalIgnoreCase));
        Check(new RuleSpec { Name = text, Protocol = text, ListenAddress = text, ListenPorts = text, Target = text, Balance = text, Sni = [text], Allow = [text], Note = text });
        Check(new RuleSpec
        {
            ListenPort = text.Length, Targets = [new() { Host = text, Port = text.Length * 7L, ProxyProtocol = text }], Deny = [text, text], SniFallback = true,
            AcceptProxyProtocol = true, ProxyProtocolFrom = [text], HealthCheck = new() { Probe = text, Send = text, Expect = text },
        });
    }

    private static void Check(RuleSpec spec)
    {
        var result = RuleCheck.Check(spec);
        Assert.Equal(result.Rule is null, result.Problems.Count > 0);
        Assert.DoesNotContain(result.Problems, problem => problem.Code.Length == 0 || problem.Field.Length == 0 || problem.Text.Length == 0);
    }
}

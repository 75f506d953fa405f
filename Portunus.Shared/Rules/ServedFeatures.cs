namespace Portunus.Shared.Rules;

/// <summary>What an edge of this version does not serve yet: refused by name, never ignored.</summary>
public static class ServedFeatures
{
    /// <summary>The code of every problem found here.</summary>
    public const string Code = "not_supported_yet";

    /// <summary>Everything about a rule that this version cannot serve.</summary>
    public static IReadOnlyList<RuleProblem> Check(CheckedRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var problems = new List<RuleProblem>();
        Refuse(rule.Sni.Count > 0, "sni", "Routing by server name is", problems);
        Refuse(rule.SniFallback, "sni_fallback", "Routing by server name is", problems);
        Refuse(rule.AcceptProxyProtocol, "accept_proxy_protocol", "Accepting PROXY headers is", problems);
        return problems;
    }

    private static void Refuse(bool asked, string field, string what, List<RuleProblem> problems)
    {
        if (asked)
        {
            problems.Add(new RuleProblem(Code, field, $"{what} not supported by this version."));
        }
    }
}

using System.Globalization;
using System.Text;
using Portunus.Shared.Json;
using Portunus.Shared.RuleJson;
using Portunus.Shared.Rules;
using Portunus.Web.Database.Tables;

namespace Portunus.Web.Database;

/// <summary>A rule as asked ↔ its row.</summary>
internal static class RuleRows
{
    /// <summary>Writes the spec and the columns that repeat it.</summary>
    /// <param name="row">Whose id, edge, owner and revision are not touched.</param>
    /// <param name="spec">As asked.</param>
    /// <param name="rule">What it came to.</param>
    public static void Write(Rule row, RuleSpec spec, CheckedRule rule)
    {
        row.Name = rule.Name;
        row.Protocol = rule.Protocol;
        row.ListenAddress = rule.ListenAddress?.ToString();
        row.FirstPort = rule.ListenPorts.First;
        row.LastPort = rule.ListenPorts.Last;
        row.Enabled = rule.Enabled;
        row.ExpiresAt = rule.ExpiresAt;
        row.Target = Target(rule, 0);
        row.SearchText = SearchText(rule);
        row.Spec = Encoding.UTF8.GetString(RuleJsonWriter.ToUtf8(Canonical(spec, rule)));
    }

    /// <summary>What was asked and what it comes to; problems where an older version took what this one refuses.</summary>
    public static RuleJsonResult Read(Rule row) => RuleJsonReader.Read(Encoding.UTF8.GetBytes(row.Spec));

    /// <summary>What was asked, without checking it again; null where it cannot be read.</summary>
    public static RuleSpec? Spec(Rule row)
    {
        if (!JsonText.TryParse(Encoding.UTF8.GetBytes(row.Spec), out var document, out _))
        {
            return null;
        }

        using (document)
        {
            var problems = new FieldProblems();
            var spec = RuleJsonReader.ReadSpec(new JsonFields(document.RootElement, RuleJsonFields.Rule, problems));
            return problems.Any ? null : spec;
        }
    }

    /// <summary>One spelling for what can be spelled in several ways; what is absent stays so, but for the two facts that everybody looks for.</summary>
    public static RuleSpec Canonical(RuleSpec spec, CheckedRule rule) => spec with
    {
        Name = rule.Name.Length == 0 ? null : rule.Name,
        Protocol = rule.Protocol == TransportProtocol.Udp ? "udp" : "tcp",
        ListenAddress = rule.ListenAddress?.ToString(),
        ListenPort = rule.ListenPorts.IsSingle ? rule.ListenPorts.First : null,
        ListenPorts = rule.ListenPorts.IsSingle ? null : rule.ListenPorts.ToString(),
        Balance = spec.Balance?.ToLowerInvariant(),
        Sni = spec.Sni is null ? null : [.. rule.Sni.Select(pattern => pattern.ToString())],
        Enabled = rule.Enabled,
        ExpiresAt = rule.ExpiresAt?.ToUniversalTime(),
    };

    private static string Target(CheckedRule rule, int index)
    {
        var target = rule.Targets[index];
        var host = target.Host.Contains(':') ? $"[{target.Host}]" : target.Host;
        var ports = new PortRange(target.FirstPort, target.FirstPort + rule.ListenPorts.Length - 1);
        return string.Create(CultureInfo.InvariantCulture, $"{host}:{ports}");
    }

    private static string SearchText(CheckedRule rule) => string.Join('\n',
        [rule.Name, rule.ListenAddress?.ToString() ?? "", .. Enumerable.Range(0, rule.Targets.Count).Select(index => Target(rule, index)), .. rule.Sni.Select(pattern => pattern.ToString()), rule.Note])
        .ToLowerInvariant();
}

using Portunus.Shared.Samples;

namespace Portunus.Edge.Scrape;

/// <summary>
/// What a rule and its targets are called in labels: their names, made unique where two share one, because one line given
/// twice makes Prometheus refuse them all.
/// </summary>
internal sealed record MetricLabels(RuleSample Rule, string Name, IReadOnlyList<(TargetSample Target, string Name)> Targets)
{
    /// <summary>For all rules of a sample, in its order.</summary>
    public static IReadOnlyList<MetricLabels> Of(EdgeSample sample)
    {
        var shared = sample.Rules.CountBy(rule => rule.Name).Where(name => name.Value > 1 || name.Key.Length == 0).Select(name => name.Key).ToHashSet();
        return [.. sample.Rules.Select(rule => new MetricLabels(
            rule, shared.Contains(rule.Name) ? $"{rule.Name}#{rule.Rule}" : rule.Name, OfTargets(rule)))];
    }

    private static List<(TargetSample, string)> OfTargets(RuleSample rule)
    {
        var named = new List<(TargetSample, string)>();
        var taken = new Dictionary<string, int>();
        foreach (var target in rule.Targets)
        {
            var place = target.Host.Contains(':', StringComparison.Ordinal) ? $"[{target.Host}]:{target.Port}" : $"{target.Host}:{target.Port}";
            var turn = taken[place] = taken.GetValueOrDefault(place) + 1;
            named.Add((target, turn == 1 ? place : $"{place}#{turn}"));
        }

        return named;
    }
}

namespace Portunus.Edge.Stats.View;

/// <summary>The rates of each rule as far back as the screen is wide: what the edge kept, then what it sent since.</summary>
internal sealed class ViewHistory
{
    private const int Most = 300;

    private Dictionary<string, (List<double> In, List<double> Out)> _series = [];

    /// <summary>Takes the next snapshot; forgets rules that are no longer there.</summary>
    public void Add(ViewSnapshot snapshot)
    {
        var next = new Dictionary<string, (List<double> In, List<double> Out)>();
        foreach (var rule in snapshot.Rules)
        {
            if (rule.HistoryIn.Count > 0 || !_series.TryGetValue(rule.Id, out var series))
            {
                series = ([.. rule.HistoryIn], [.. rule.HistoryOut]);
            }
            else
            {
                Push(series.In, rule.RateIn);
                Push(series.Out, rule.RateOut);
            }

            next[rule.Id] = series;
        }

        _series = next;
    }

    public IReadOnlyList<double> In(ViewRule rule) => _series.TryGetValue(rule.Id, out var series) ? series.In : [];

    public IReadOnlyList<double> Out(ViewRule rule) => _series.TryGetValue(rule.Id, out var series) ? series.Out : [];

    /// <summary>Both ways together.</summary>
    public IReadOnlyList<double> Both(ViewRule rule) => [.. In(rule).Zip(Out(rule), (a, b) => a + b)];

    private static void Push(List<double> series, double rate)
    {
        series.Add(rate);
        if (series.Count > Most)
        {
            series.RemoveAt(0);
        }
    }
}

using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Portunus.Web.Link;

/// <summary>Counts what was refused and what was cut, by reason, since the start.</summary>
internal sealed class LinkMeter : IDisposable
{
    public const string Name = "Portunus.Web.Link";

    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly Meter _meter = new(Name);

    public LinkMeter(EdgeConnections connections)
    {
        _meter.CreateObservableCounter("portunus.link.refusals", Refusals, unit: "{refusal}", description: "Links refused or cut by the control plane, by reason.");
        _meter.CreateObservableGauge("portunus.link.connections", () => connections.All.Count, unit: "{connection}", description: "Links of edges that are open.");
    }

    /// <param name="reason">A word of ours, never of an edge's.</param>
    public void Count(string reason) => _counts.AddOrUpdate(reason, 1, static (_, count) => count + 1);

    public long Of(string reason) => _counts.GetValueOrDefault(reason);

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> Refusals() => _counts.Select(one => new Measurement<long>(one.Value, new KeyValuePair<string, object?>("reason", one.Key)));
}

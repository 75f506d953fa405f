using Microsoft.Extensions.Logging;
using Portunus.Shared.Ids;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Standalone;

/// <summary>
/// Writes into the log what each rule did: every minute for rules that did something, and once at the end for all. Who reads
/// only the log has the numbers, and a thousand quiet rules do not fill it.
/// </summary>
internal sealed class TrafficSummary(Func<EdgeSample> read, TimeProvider time, ILogger<TrafficSummary> log)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(60);

    /// <summary>Ends that say a connection did not get what it came for.</summary>
    private static readonly FlowEnd[] s_refusals =
    [
        FlowEnd.Denied, FlowEnd.RuleFlowRate, FlowEnd.RuleConcurrent, FlowEnd.OwnerFlowRate, FlowEnd.OwnerConcurrent,
        FlowEnd.NoTarget, FlowEnd.ConnectTimeout, FlowEnd.NameFailed, FlowEnd.LocalTarget, FlowEnd.PreludeFailed,
        FlowEnd.OutOfDescriptors, FlowEnd.OutOfPorts, FlowEnd.Fault,
    ];

    private Dictionary<RuleId, RuleSample> _last = [];

    /// <summary>Writes every minute until <paramref name="stop"/>.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                WriteInterval();
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    /// <summary>What happened since the last call.</summary>
    public void WriteInterval()
    {
        var sample = read();
        foreach (var rule in sample.Rules)
        {
            var before = _last.GetValueOrDefault(rule.Rule);
            // A rule that went and came back counts from zero again.
            if (before is not null && (before.Accepted > rule.Accepted || before.Traffic.BytesIn > rule.Traffic.BytesIn))
            {
                before = null;
            }

            WriteInterval(rule, before);
        }

        _last = sample.Rules.ToDictionary(rule => rule.Rule);
    }

    /// <summary>What happened since the start, of every rule there is.</summary>
    public void WriteTotals()
    {
        foreach (var rule in read().Rules)
        {
            var all = rule.Traffic;
            if (rule.IsDatagrams)
            {
                log.DatagramTotals(
                    rule.Name, rule.Rule, all.BytesIn, all.DatagramsIn, all.BytesOut, all.DatagramsOut, all.FlowsOpened, all.FlowsActive,
                    OrNone(Drops(rule.DropsIn, null)), OrNone(Drops(rule.DropsOut, null)));
            }
            else
            {
                log.RuleTotals(rule.Name, rule.Rule, all.BytesIn, all.BytesOut, all.FlowsOpened, all.FlowsActive, OrNone(Refusals(rule, null)));
            }
        }
    }

    private void WriteInterval(RuleSample rule, RuleSample? before)
    {
        var (now, then) = (rule.Traffic, before?.Traffic ?? default);
        var bytesIn = now.BytesIn - then.BytesIn;
        var bytesOut = now.BytesOut - then.BytesOut;
        var opened = now.FlowsOpened - then.FlowsOpened;
        var seconds = (int)Interval.TotalSeconds;
        var isBusy = bytesIn != 0 || bytesOut != 0 || opened != 0 || now.FlowsActive != 0;
        if (rule.IsDatagrams)
        {
            var (droppedIn, droppedOut) = (Drops(rule.DropsIn, before?.DropsIn), Drops(rule.DropsOut, before?.DropsOut));
            if (isBusy || droppedIn.Length > 0 || droppedOut.Length > 0)
            {
                log.DatagramInterval(
                    rule.Name, rule.Rule, seconds, bytesIn, now.DatagramsIn - then.DatagramsIn, bytesOut, now.DatagramsOut - then.DatagramsOut,
                    opened, now.FlowsActive, OrNone(droppedIn), OrNone(droppedOut));
            }

            return;
        }

        var refused = Refusals(rule, before);
        if (isBusy || refused.Length > 0)
        {
            log.RuleInterval(rule.Name, rule.Rule, seconds, bytesIn, bytesOut, opened, now.FlowsActive, OrNone(refused));
        }
    }

    private static string Refusals(RuleSample rule, RuleSample? before) => string.Join(", ", s_refusals
        .Select(end => (End: end, Count: rule.Ends.GetValueOrDefault(end) - (before?.Ends.GetValueOrDefault(end) ?? 0)))
        .Where(refusal => refusal.Count > 0)
        .Select(refusal => $"{SampleWords.Of(refusal.End)} {refusal.Count}"));

    private static string Drops(IReadOnlyDictionary<DatagramDrop, long> now, IReadOnlyDictionary<DatagramDrop, long>? before) => string.Join(", ", now
        .OrderBy(drop => drop.Key)
        .Select(drop => (Reason: drop.Key, Count: drop.Value - (before?.GetValueOrDefault(drop.Key) ?? 0)))
        .Where(drop => drop.Count > 0)
        .Select(drop => $"{SampleWords.Of(drop.Reason)} {drop.Count}"));

    private static string OrNone(string list) => list.Length > 0 ? list : "none";
}

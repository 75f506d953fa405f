using Portunus.Shared.Samples;
using Portunus.Web.Database;

namespace Portunus.Web.Traffic;

/// <summary>What was counted; every number only grows.</summary>
/// <param name="BytesIn">Bytes delivered to targets.</param>
/// <param name="BytesOut">Bytes delivered to the connecting side.</param>
/// <param name="Flows">Flows that reached the relay.</param>
/// <param name="DatagramsIn">Datagrams sent to targets.</param>
/// <param name="DatagramsOut">Datagrams sent to the connecting side.</param>
/// <param name="DropsIn">Datagrams towards targets that were not passed on.</param>
/// <param name="DropsOut">Datagrams on the way back that were not passed on.</param>
/// <param name="Accepted">Connections taken from the kernel, refused ones included.</param>
/// <param name="Refused">Connections refused by allow, deny or a limit.</param>
/// <param name="Failed">Connections that reached no target, or ended by a fault.</param>
internal sealed record TrafficTotals(
    long BytesIn, long BytesOut, long Flows, long DatagramsIn, long DatagramsOut, long DropsIn, long DropsOut, long Accepted, long Refused, long Failed)
{
    public static TrafficTotals Of(LedgerCount count) => new(
        count.BytesIn, count.BytesOut, count.Flows, count.DatagramsIn, count.DatagramsOut, count.DropsIn, count.DropsOut, count.Accepted, count.Refused, count.Failed);
}

/// <summary>What passes now, as a mean over the three newest whole seconds.</summary>
/// <param name="BytesPerSecondIn">Bytes a second to targets.</param>
/// <param name="BytesPerSecondOut">Bytes a second to the connecting side.</param>
/// <param name="FlowsPerSecond">New flows a second; null for a single rule.</param>
/// <param name="DatagramsPerSecondIn">Datagrams a second to targets; null for a single rule.</param>
/// <param name="DatagramsPerSecondOut">Datagrams a second to the connecting side; null for a single rule.</param>
internal sealed record TrafficRates(long BytesPerSecondIn, long BytesPerSecondOut, double? FlowsPerSecond, double? DatagramsPerSecondIn, double? DatagramsPerSecondOut);

/// <summary>Rates over time, oldest first; null where the edge told nothing of that time.</summary>
/// <param name="From">When the first of them begins.</param>
/// <param name="StepSeconds">How long each is.</param>
/// <param name="BytesPerSecondIn">Bytes a second to targets.</param>
/// <param name="BytesPerSecondOut">Bytes a second to the connecting side.</param>
internal sealed record TrafficSeries(DateTimeOffset From, int StepSeconds, IReadOnlyList<long?> BytesPerSecondIn, IReadOnlyList<long?> BytesPerSecondOut);

/// <summary>What is open or passes at this moment.</summary>
/// <param name="FlowsActive">Flows open now, where edges tell of them; null where none does.</param>
/// <param name="Rates">What passes now; null where edges have told nothing for ten seconds.</param>
internal sealed record TrafficNow(long? FlowsActive, TrafficRates? Rates);

/// <summary>The traffic of one rule.</summary>
/// <param name="Rule">Id of the rule.</param>
/// <param name="Edge">Id of its edge.</param>
/// <param name="Forwarding">Whether its targets are reached.</param>
/// <param name="SampledAt">When its edge last told of its counters; null where it has not since the control plane started.</param>
/// <param name="Totals">All that was ever counted for the rule; for its owner what was counted while the rule was theirs.</param>
/// <param name="Now">What is open or passes at this moment.</param>
/// <param name="Ends">Ended flows by reason, since the edge started; null where the running edge has not told of them.</param>
/// <param name="DropsIn">Dropped datagrams towards targets by reason, since the edge started.</param>
/// <param name="DropsOut">Dropped datagrams on the way back by reason, since the edge started.</param>
/// <param name="Targets">Each target since the edge started; only with <c>targets=true</c>.</param>
/// <param name="Ports">Each port with traffic since the edge started; only with <c>ports=true</c>, and a second or two after it is first asked for.</param>
/// <param name="Seconds">The last 15 minutes.</param>
/// <param name="Minutes">The last 24 hours.</param>
internal sealed record RuleTrafficView(
    string Rule, string Edge, ForwardingState Forwarding, DateTimeOffset? SampledAt, TrafficTotals Totals, TrafficNow Now,
    IReadOnlyDictionary<string, long>? Ends, IReadOnlyDictionary<string, long>? DropsIn, IReadOnlyDictionary<string, long>? DropsOut,
    IReadOnlyList<TargetTrafficView>? Targets, IReadOnlyList<PortTrafficView>? Ports, TrafficSeries Seconds, TrafficSeries Minutes);

/// <summary>The traffic of one target since its edge started.</summary>
/// <param name="Host">Its host.</param>
/// <param name="Port">Its port.</param>
/// <param name="Standing"><c>unknown</c>, <c>up</c> or <c>down</c>.</param>
/// <param name="BytesIn">Bytes delivered to it.</param>
/// <param name="BytesOut">Bytes that came back from it.</param>
/// <param name="FlowsOpened">Flows that reached it.</param>
/// <param name="FlowsActive">Flows open to it now.</param>
/// <param name="ConnectFailures">Connects to it that failed.</param>
/// <param name="ConnectMs">Milliseconds that the last connect took; null before the first.</param>
internal sealed record TargetTrafficView(
    string Host, int Port, string Standing, long BytesIn, long BytesOut, long FlowsOpened, long FlowsActive, long ConnectFailures, double? ConnectMs)
{
    public static TargetTrafficView Of(TargetTotals target) => new(
        target.Host, target.Port, target.Standing, target.Traffic.BytesIn, target.Traffic.BytesOut, target.Traffic.FlowsOpened, target.Traffic.FlowsActive, target.ConnectFailures, target.ConnectMs);
}

/// <summary>The traffic of one listening port since its edge started.</summary>
/// <param name="Port">Which.</param>
/// <param name="BytesIn">Bytes delivered to targets.</param>
/// <param name="BytesOut">Bytes delivered to the connecting side.</param>
/// <param name="FlowsOpened">Flows that reached the relay.</param>
/// <param name="FlowsActive">Flows open now.</param>
internal sealed record PortTrafficView(int Port, long BytesIn, long BytesOut, long FlowsOpened, long FlowsActive)
{
    public static PortTrafficView Of(PortTotals port) => new(port.Port, port.Traffic.BytesIn, port.Traffic.BytesOut, port.Traffic.FlowsOpened, port.Traffic.FlowsActive);
}

/// <summary>Traffic over many rules.</summary>
/// <param name="Of"><c>all</c>, or <c>own</c> for a tenant: own rules only.</param>
/// <param name="Totals">All that was ever counted, removed rules and edges included.</param>
/// <param name="Now">What is open or passes at this moment.</param>
/// <param name="SampledAt">When counters came last; null where none came since the control plane started.</param>
/// <param name="Seconds">The last 15 minutes.</param>
/// <param name="Minutes">The last 24 hours.</param>
internal sealed record TrafficView(string Of, TrafficTotals Totals, TrafficNow Now, DateTimeOffset? SampledAt, TrafficSeries Seconds, TrafficSeries Minutes);

/// <summary>What a stream of events tells, at most once a second and only when it changed.</summary>
/// <param name="SampledAt">When counters came last; null where none came since the control plane started.</param>
/// <param name="Forwarding">Of a rule: whether its targets are reached.</param>
/// <param name="Totals">All that was ever counted.</param>
/// <param name="Now">What is open or passes at this moment.</param>
internal sealed record TrafficEvent(DateTimeOffset? SampledAt, ForwardingState? Forwarding, TrafficTotals Totals, TrafficNow Now);

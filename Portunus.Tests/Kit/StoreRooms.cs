using Portunus.Web.Edges;
using Portunus.Web.Plans;
using Portunus.Web.Rules;
using Portunus.Web.Traffic;

namespace Portunus.Tests.Kit;

/// <summary>Readers of a store to which no edge has ever said anything.</summary>
internal static class StoreRooms
{
    public static RuleReader RuleReader(this TempDb store) =>
        new(store, new RuleFacts(new PlanOutcomes(store.Feed, TimeProvider.System), new EdgePresence(store.Feed, TimeProvider.System), new TrafficReader(new TrafficBook(), new LedgerReader(store), new PortWatch(TimeProvider.System), TimeProvider.System)), TimeProvider.System);

    public static EdgeReader EdgeReader(this TempDb store) =>
        new(store, new EdgePresence(store.Feed, TimeProvider.System), new PlanOutcomes(store.Feed, TimeProvider.System));
}

using Portunus.Shared.Ids;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;
using Portunus.Web.Database.Tables;
using Portunus.Web.Traffic;
using Xunit.Abstractions;
using EdgeRow = Portunus.Web.Database.Tables.Edge;

namespace Portunus.Tests.Web.Traffic;

/// <summary>A fleet of the size that is promised: everything arrives, and what it took is told, not judged.</summary>
public sealed class TrafficScaleTests(ITestOutputHelper output)
{
    private const int EdgeCount = 1000;
    private const int RulesOfEdge = 10;
    private const int Seconds = 5;

    [Fact]
    public async Task ThousandEdgesOfTenRules_AreTakenInAndDurable()
    {
        using var room = new TrafficRoom();
        var owner = await room.Store.AddAccountAsync("ann");
        var edges = Enumerable.Range(0, EdgeCount).Select(i => new EdgeRow { Id = EdgeId.New(), Name = $"edge{i}" }).ToList();
        var rules = edges.SelectMany(edge => Enumerable.Range(0, RulesOfEdge).Select(i => new Rule { Id = RuleId.New(), EdgeId = edge.Id, OwnerId = owner.Id, FirstPort = 8000 + i, LastPort = 8000 + i })).ToList();
        await room.Store.AddAsync([.. edges, .. rules]);
        var byEdge = rules.ToLookup(rule => rule.EdgeId, rule => rule.Id);
        var boots = edges.ToDictionary(edge => edge.Id, _ => Guid.NewGuid());
        var marks = 0;
        room.Intake.Covered += (_, _) => marks++;

        var (take, flush) = (TimeSpan.Zero, TimeSpan.Zero);
        for (var second = 1; second <= Seconds; second++)
        {
            room.Clock.Advance(TimeSpan.FromSeconds(1));
            var batches = edges.ConvertAll(edge => (edge.Id, room.Batch(boots[edge.Id], second, true, false, [.. byEdge[edge.Id].Select(rule => TrafficRoom.Totals(rule, second * 1000, owner.Id))])));
            var began = Environment.CpuUsage.TotalTime;
            batches.ForEach(one => room.Intake.Take(one.Id, one.Item2));
            take += second == 1 ? TimeSpan.Zero : Environment.CpuUsage.TotalTime - began;
            began = Environment.CpuUsage.TotalTime;
            await room.SettleAsync();
            flush += second == 1 ? TimeSpan.Zero : Environment.CpuUsage.TotalTime - began;
        }

        Assert.Equal(EdgeCount * RulesOfEdge * Seconds * 1000L, room.Book.Fleet.Total.BytesIn);
        Assert.Equal(EdgeCount * RulesOfEdge * Seconds * 1000L, (await room.RowsAsync()).Sum(row => row.BytesIn));
        Assert.Equal(EdgeCount * Seconds, marks);
        output.WriteLine($"{EdgeCount} edges of {RulesOfEdge} rules: taking in a second's looks {take.TotalMilliseconds / (Seconds - 1):F1} ms of processor, making all {EdgeCount * RulesOfEdge} rows durable {flush.TotalMilliseconds / (Seconds - 1):F0} ms");
    }

    [Fact]
    public void RingsOfADay_TakeWhatTheyAreSaidTo()
    {
        const int Count = 200;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var rings = Enumerable.Range(0, Count).Select(_ => new TrafficRing(TrafficAmounts.OfRule)).ToList();
        var empty = GC.GetTotalMemory(forceFullCollection: true) - before;
        foreach (var ring in rings)
        {
            for (var minute = 0; minute < TrafficRing.Minutes; minute++)
            {
                ring.Add(1_800_000_000 + (minute * 60), 1_800_000_000 + (minute * 60) + 60, [60_000, 30_000]);
            }
        }

        var full = GC.GetTotalMemory(forceFullCollection: true) - before;
        output.WriteLine($"a rule's ring: {empty / Count} bytes empty, {full / Count} bytes after a day of traffic");
        // The page promises it, so that ten thousand rules can be reckoned with.
        Assert.InRange(full / Count, 0, 24_000);
        GC.KeepAlive(rings);
    }
}

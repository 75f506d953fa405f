using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Portunus.Shared.Ids;
using Portunus.Shared.Samples;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Traffic;

namespace Portunus.Tests.Kit;

/// <summary>The traffic room over a real store, with its background work done when a test says so.</summary>
internal sealed class TrafficRoom : IDisposable
{
    public TrafficRoom(TempDb? store = null)
    {
        Store = store ?? new TempDb();
        Begin();
    }

    public TempDb Store { get; }

    public TestClock Clock { get; } = new();

    public TrafficBook Book { get; private set; } = new();

    public PortWatch Watch { get; private set; } = null!;

    public TrafficIntake Intake { get; private set; } = null!;

    public OwnerLookup Owners { get; private set; } = null!;

    public LedgerWriter Writer { get; private set; } = null!;

    public TrafficReader Reader { get; private set; } = null!;

    /// <summary>Marks told so far.</summary>
    public List<SampleMark> Marks { get; } = [];

    /// <summary>A batch with one rule's bytes in.</summary>
    public SampleBatch Batch(Guid boot, long sequence, RuleId rule, long bytesIn, AccountId? owner = null, bool isLast = true, bool isFinal = false) =>
        Batch(boot, sequence, isLast, isFinal, Totals(rule, bytesIn, owner));

    public SampleBatch Batch(Guid boot, long sequence, bool isLast, bool isFinal, params RuleTotals[] rules) =>
        new() { Boot = boot, Sequence = sequence, TakenAt = Clock.GetUtcNow(), IsLast = isLast, IsFinal = isFinal, Rules = rules };

    public static RuleTotals Totals(RuleId rule, long bytesIn, AccountId? owner = null) =>
        new() { Rule = rule, Owner = owner, Accepted = bytesIn == 0 ? 0 : 1, Traffic = new TrafficCount(bytesIn, bytesIn / 2, 1, 0) };

    /// <summary>Owners are looked up and everything is written.</summary>
    public async Task SettleAsync()
    {
        await Owners.RunAsync(CancellationToken.None);
        await Writer.FlushAsync(CancellationToken.None);
    }

    /// <summary>The process is gone with what it had in memory, and a new one reads the store.</summary>
    public async Task RestartAsync()
    {
        Begin();
        await new LedgerReader(Store).FillAsync(Book, CancellationToken.None);
    }

    public async Task<List<RuleTotal>> RowsAsync()
    {
        await using var db = Store.CreateDbContext();
        return await db.RuleTotals.AsNoTracking().ToListAsync();
    }

    /// <summary>Bytes in of a rule over all its rows.</summary>
    public async Task<long> BytesInAsync(RuleId rule) => (await RowsAsync()).Where(row => row.RuleId == rule).Sum(row => row.BytesIn);

    public void Dispose() => Store.Dispose();

    private void Begin()
    {
        Book = new TrafficBook();
        Watch = new PortWatch(Clock);
        Intake = new TrafficIntake(Book, Store.Feed, Watch, Clock, NullLogger<TrafficIntake>.Instance);
        Intake.Covered += (_, mark) => Marks.Add(mark);
        Writer = new LedgerWriter(Book, Intake, Store.Lane, Clock);
        Owners = new OwnerLookup(Book, Intake, new LedgerReader(Store));
        Reader = new TrafficReader(Book, new LedgerReader(Store), Watch, Clock);
    }
}

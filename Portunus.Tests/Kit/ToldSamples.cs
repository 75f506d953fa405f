using System.Threading.Channels;
using Portunus.Edge.Engine;
using Portunus.Edge.Link;
using Portunus.Shared.Ids;
using Portunus.Shared.Samples;

namespace Portunus.Tests.Kit;

/// <summary>A reporter of samples with a connection that keeps what it is given, and with its seconds in the test's hands.</summary>
internal sealed class ToldSamples : IAsyncDisposable
{
    private readonly TickedClock _clock = new();
    private Channel<SampleBatch> _batches = Channel.CreateUnbounded<SampleBatch>();
    private CancellationTokenSource _connection = new();
    private Task _running = Task.CompletedTask;

    public ToldSamples(ForwardingEngine engine, BootFiles boots) => Reporter = new SampleReporter(engine, boots, _clock);

    public SampleReporter Reporter { get; }

    /// <summary>Connects and answers the first look.</summary>
    public Task<SampleBatch> ConnectAsync(params SampleMark[] durable)
    {
        Reporter.BeginConnection(durable);
        _batches = Channel.CreateUnbounded<SampleBatch>();
        _running = Reporter.RunAsync(batch => _batches.Writer.WriteAsync(batch).AsTask(), _connection.Token);
        return ReadAsync();
    }

    public async Task DisconnectAsync()
    {
        await _connection.CancelAsync();
        await Eventually.Within(_running);
        _connection.Dispose();
        _connection = new CancellationTokenSource();
    }

    /// <summary>Lets a second pass and answers the look that follows.</summary>
    public Task<SampleBatch> NextAsync()
    {
        _clock.Tick();
        return ReadAsync();
    }

    /// <summary>The next look, its parts put together.</summary>
    public async Task<SampleBatch> ReadAsync()
    {
        var rules = new List<RuleTotals>();
        while (true)
        {
            var batch = await Eventually.Within(_batches.Reader.ReadAsync().AsTask());
            rules.AddRange(batch.Rules);
            if (batch.IsLast)
            {
                return batch with { Rules = rules };
            }
        }
    }

    /// <summary>Looks until one tells this of a rule.</summary>
    public async Task<SampleBatch> UntilAsync(RuleId rule, Func<RuleTotals, bool> holds)
    {
        for (var i = 0; i < 1000; i++)
        {
            var look = await NextAsync();
            if (look.Rules.SingleOrDefault(totals => totals.Rule == rule) is { } totals && holds(totals))
            {
                return look;
            }

            await Task.Delay(5);
        }

        throw new InvalidOperationException("a thousand looks did not tell it");
    }

    /// <summary>The same for what was counted of a rule under one owner.</summary>
    public async Task<RuleTotals> UntilAsync(RuleId rule, AccountId owner, Func<RuleTotals, bool> holds)
    {
        for (var i = 0; i < 1000; i++)
        {
            if ((await NextAsync()).Rules.SingleOrDefault(totals => totals.Rule == rule && totals.Owner == owner) is { } totals && holds(totals))
            {
                return totals;
            }

            await Task.Delay(5);
        }

        throw new InvalidOperationException("a thousand looks did not tell it");
    }

    public async ValueTask DisposeAsync()
    {
        await DisconnectAsync();
        _connection.Dispose();
    }
}

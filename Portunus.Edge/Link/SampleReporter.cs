using Portunus.Edge.Engine;
using Portunus.Shared.Ids;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Link;

/// <summary>
/// Tells the counters once a second while there is a connection. Each look has a number of its own, and each rule the number of the
/// look that last saw something new: what the control plane holds up to a number need not be told again.
/// </summary>
internal sealed class SampleReporter
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    private readonly ForwardingEngine _engine;
    private readonly BootFiles _boots;
    private readonly TimeProvider _time;
    private readonly LoopLoad _load;
    private readonly BatchCutter _cutter = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<CountedRule, Told> _told = [];
    private HashSet<RuleId> _watched = [];
    private long _sequence;
    private long _covered;
    private bool _isFirstLook;
    private IReadOnlyList<SampleMark> _durable = [];

    public SampleReporter(ForwardingEngine engine, BootFiles boots, TimeProvider time)
    {
        _engine = engine;
        _boots = boots;
        _time = time;
        _load = new LoopLoad(time);
    }

    /// <summary>This run, for the hello.</summary>
    public Guid Boot => _boots.Boot;

    /// <summary>Earlier runs to ask after in the hello.</summary>
    public IReadOnlyList<Guid> OlderBoots => _boots.OlderBoots;

    /// <summary>A connection has been welcomed. Called before its <see cref="RunAsync"/>, and after that of the connection before has ended.</summary>
    /// <param name="durable">What the welcome says is kept for good; it may be less than an earlier one said, when the control plane was restored.</param>
    public void BeginConnection(IReadOnlyList<SampleMark> durable)
    {
        lock (_gate)
        {
            _covered = 0;
            _durable = durable;
            _watched = [];
            _isFirstLook = true;
            foreach (var told in _told.Values)
            {
                told.SentAt = 0;
            }
        }

        foreach (var mark in durable)
        {
            Cover(mark);
        }
    }

    /// <summary>Counters are kept for good. Any thread.</summary>
    public void Cover(SampleMark mark)
    {
        if (mark.Boot != Boot)
        {
            if (mark.IsFinal)
            {
                _boots.Forget(mark.Boot);
            }

            return;
        }

        lock (_gate)
        {
            _covered = Math.Max(_covered, mark.Sequence);
        }
    }

    /// <summary>From the next look on the ports of these rules are told too, and of no others. Any thread.</summary>
    public void Watch(IReadOnlyList<RuleId> rules)
    {
        lock (_gate)
        {
            foreach (var told in _told.Where(pair => rules.Contains(pair.Key.Rule) && !_watched.Contains(pair.Key.Rule)))
            {
                told.Value.WantsPorts = true;
            }

            _watched = [.. rules];
        }
    }

    /// <summary>Tells the last counters of earlier runs, then looks once a second, until cancelled. What <paramref name="send"/> throws comes out.</summary>
    public async Task RunAsync(Func<SampleBatch, Task> send, CancellationToken cancel)
    {
        foreach (var boot in _boots.OlderBoots)
        {
            var known = _durable.FirstOrDefault(mark => mark.Boot == boot)?.Sequence ?? 0;
            if (_boots.Final(boot, known) is { } final)
            {
                await SendAsync(final, send, cancel);
            }
        }

        using var second = new PeriodicTimer(s_period, _time);
        while (!cancel.IsCancellationRequested)
        {
            await SendAsync(Look(), send, cancel);
            try
            {
                await second.WaitForNextTickAsync(cancel);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task SendAsync(SampleBatch look, Func<SampleBatch, Task> send, CancellationToken cancel)
    {
        foreach (var batch in _cutter.Cut(look))
        {
            if (cancel.IsCancellationRequested)
            {
                return;
            }

            await send(batch);
        }
    }

    private SampleBatch Look()
    {
        var vitals = _engine.ReadVitals();
        lock (_gate)
        {
            var sequence = ++_sequence;
            _boots.Tell(sequence);
            var rules = new List<RuleTotals>();
            foreach (var counted in _engine.Counted.All)
            {
                if (Look(counted, sequence) is { } totals)
                {
                    rules.Add(totals);
                }
            }

            _isFirstLook = false;
            return new SampleBatch
            {
                Boot = Boot,
                Sequence = sequence,
                TakenAt = _time.GetUtcNow(),
                IsLast = true,
                Vitals = vitals with { LoopLoad = _load.Next(vitals.LoopBusySeconds ?? []) },
                Rules = rules,
            };
        }
    }

    /// <summary>The totals of a rule where they are to be told; null where nothing is new.</summary>
    private RuleTotals? Look(CountedRule counted, long sequence)
    {
        if (!_told.TryGetValue(counted, out var told))
        {
            _told[counted] = told = new Told();
        }

        // Asked before the counters are read: what is read then is the last of a rule that has stopped.
        var isRetired = counted.IsRetired;
        var mark = counted.Look();
        if (told.ChangedAt == 0 || mark != told.Mark)
        {
            told.Mark = mark;
            told.ChangedAt = sequence;
        }
        else if (isRetired && told.ChangedAt <= _covered)
        {
            _engine.Counted.Forget(counted);
            _told.Remove(counted);
            return null;
        }

        var isWanted = (_isFirstLook && !isRetired) || told.WantsPorts;
        if (!isWanted && told.ChangedAt <= Math.Max(_covered, told.SentAt))
        {
            return null;
        }

        told.SentAt = sequence;
        told.WantsPorts = false;
        return counted.Totals(_watched.Contains(counted.Rule));
    }

    /// <summary>What was told of one rule.</summary>
    private sealed class Told
    {
        public CountMark Mark { get; set; }

        /// <summary>The look that last saw something new.</summary>
        public long ChangedAt { get; set; }

        /// <summary>The last look of this connection that had the rule; 0 for none.</summary>
        public long SentAt { get; set; }

        /// <summary>Its ports are asked for and were not told yet.</summary>
        public bool WantsPorts { get; set; }
    }
}

using Portunus.Shared.Ids;
using Portunus.Web.Audit;
using Portunus.Web.Edges;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Link;

/// <summary>
/// Changes the link's key under edges that stay connected. The next key is made and announced; edges keep both pins and say so; then
/// the server shows the new key. What has begun goes on after a restart: the next key is on disk before anybody hears of it.
/// </summary>
internal sealed class LinkRotation(
    LinkKeys keys, EdgeConnections connections, LinkSender sender, EdgeCredentialReader edges, AuditTrail trail, TimeProvider clock, ILogger<LinkRotation> log)
    : BackgroundService, ILinkRotation
{
    private const int MaxNamed = 1000;

    private static readonly AuditSubject s_subject = new("link_key");

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);

    /// <summary>After a restart edges need a moment to come back, however late it is.</summary>
    private static readonly TimeSpan s_comeBack = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _begun = new(0);
    private readonly Lock _gate = new();
    private Running? _running;
    private RotationView? _last;

    public bool IsServed { get; private set; }

    public RotationView? Last
    {
        get
        {
            lock (_gate)
            {
                return _last;
            }
        }
    }

    public async Task<Outcome<RotationView>> BeginAsync(Actor actor, long waitMinutes, CancellationToken cancel)
    {
        var begun = await trail.ChangeAsync<RotationView>(actor, "link.key.announce", s_subject, change =>
        {
            if (actor.NeedsSuperadmin() is { } refusal)
            {
                return Task.FromResult<Outcome<RotationView>>(refusal);
            }

            if (waitMinutes is < 0 or > RotationView.MaxWaitMinutes)
            {
                return Task.FromResult<Outcome<RotationView>>(
                    new Problem("out_of_range", "wait_minutes", $"wait_minutes must be between 0 and {RotationView.MaxWaitMinutes}; this is {waitMinutes}."));
            }

            lock (_gate)
            {
                if (_running is not null)
                {
                    return Task.FromResult<Outcome<RotationView>>(Problem.Conflict("rotation_under_way", "", "The key is being changed already."));
                }

                var until = change.Now.AddMinutes(waitMinutes);
                var old = keys.Pins[0].Text;
                var next = keys.Prepare(until).Text;
                change.Tell("link.key.announce", s_subject, new { Pin = old }, new { Pin = next, SwitchesBy = until });
                _last = new RotationView(RotationStanding.UnderWay, old, next, change.Now, until, null, 0, []);
                _running = new Running(until);
                return Task.FromResult<Outcome<RotationView>>(_last);
            }
        }, cancel);
        if (begun.IsDone)
        {
            _begun.Release();
        }

        return begun;
    }

    public async Task<RotationView?> EndAsync(CancellationToken cancel)
    {
        Task wait;
        lock (_gate)
        {
            wait = _running?.Ended.Task ?? Task.CompletedTask;
        }

        await wait.WaitAsync(cancel);
        return Last;
    }

    public override void Dispose()
    {
        _begun.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        IsServed = true;
        if (keys.NextPin is not null)
        {
            Resume();
        }

        try
        {
            while (true)
            {
                await _begun.WaitAsync(stoppingToken);
                await RunAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Goes on at the next start.
        }
    }

    private void Resume()
    {
        var now = clock.GetUtcNow();
        var until = keys.NextUntil is { } told && told > now + s_comeBack ? told : now + s_comeBack;
        lock (_gate)
        {
            _running = new Running(until);
            _last = new RotationView(RotationStanding.UnderWay, keys.Pins[0].Text, keys.Pins[1].Text, now, until, null, 0, []);
        }

        LinkLog.RotationGoesOn(log, until);
        _begun.Release();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        if (_running is not { } running || Last is not { } view)
        {
            return;
        }

        sender.UsePins([view.OldPin, view.NewPin]);
        var ready = new HashSet<EdgeId>();
        using var timer = new PeriodicTimer(s_look, clock);
        while (true)
        {
            try
            {
                ready.UnionWith(connections.All.Where(one => one.Pins.Contains(view.NewPin)).Select(one => one.Caller.Edge));
                var trusted = await edges.TrustedAsync(stop);
                var missing = trusted.Where(edge => !ready.Contains(edge.Key)).OrderBy(edge => edge.Value, StringComparer.Ordinal).ToList();
                view = view with { Ready = trusted.Count - missing.Count, Missing = [.. missing.Take(MaxNamed).Select(edge => new EdgeMention(edge.Key.ToString(), edge.Value))] };
                Tell(view);
                if (missing.Count == 0 || clock.GetUtcNow() >= running.Until)
                {
                    await SwitchAsync(running, view, missing.Count);
                    return;
                }
            }
            catch (Exception broken) when (broken is not OperationCanceledException)
            {
                // The old key is in use and both pins are valid: nothing is lost by looking again.
                LinkLog.RotationWaits(log, broken);
            }

            await timer.WaitForNextTickAsync(stop);
        }
    }

    private async Task SwitchAsync(Running running, RotationView view, int missing)
    {
        keys.Switch();
        var done = view with { Standing = RotationStanding.Done, SwitchedAt = clock.GetUtcNow() };
        sender.UsePins([done.NewPin]);
        LinkLog.Rotated(log, done.NewPin, done.Ready, missing);
        lock (_gate)
        {
            (_last, _running) = (done, null);
        }

        try
        {
            await trail.ChangeAsync<Nothing>(Actor.System, "link.key.switch", s_subject, change =>
            {
                change.Tell("link.key.switch", s_subject, new { Pin = done.OldPin }, new { Pin = done.NewPin, done.Ready, done.Missing });
                return Task.FromResult<Outcome<Nothing>>(default(Nothing));
            }, CancellationToken.None);
        }
        finally
        {
            running.Ended.TrySetResult();
        }
    }

    private void Tell(RotationView view)
    {
        lock (_gate)
        {
            _last = view;
        }
    }

    private sealed record Running(DateTimeOffset Until)
    {
        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

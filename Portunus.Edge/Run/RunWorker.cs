using Microsoft.Extensions.Logging;
using Portunus.Edge.Engine;
using Portunus.Edge.Hosting;
using Portunus.Edge.Link;
using Portunus.Edge.Options;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Shared.RuleFiles;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Run;

/// <summary>One edge of a control plane: starts from the plan on disk, then follows the link. What is forwarded never waits for it.</summary>
internal sealed class RunWorker : IAsyncDisposable
{
    /// <summary>How long flows may finish after the first signal.</summary>
    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(30);

    private readonly ILogger _log;
    private readonly ProcessSignals _signals;
    private readonly BootFiles _boots;
    private readonly ForwardingEngine _engine;
    private readonly PlanFile _plans;
    private readonly PlanInbox _inbox;
    private readonly PlanReporter _reporter;
    private readonly LinkWorker _link;
    private readonly SampleOutlets _outlets;
    private readonly ServiceNotice _notice;

    public RunWorker(CommandLine asked, CredentialsInUse credentials, StateDirectory state, ILoggerFactory loggers, ProcessSignals signals, TimeProvider time)
    {
        _log = loggers.CreateLogger<LinkWorker>();
        _signals = signals;
        _boots = BootFiles.Open(state.CountersFolder, time, loggers.CreateLogger<BootFiles>());
        _engine = new ForwardingEngine(new EngineOptions(), loggers, time, counted: _boots.Counted);
        var edge = EdgeId.TryParse(credentials.Current.Edge, out var id) ? id : throw new InvalidOperationException("credentials without an edge");
        _plans = new PlanFile(state, edge, time, loggers.CreateLogger<PlanFile>());
        _inbox = new PlanInbox(_engine, _plans.SaveAsync, _log);
        _reporter = new PlanReporter(_engine);
        _reporter.Note = () => _inbox.Note;
        _inbox.Looked = _reporter.Wake;
        _engine.OutcomesChanged = _reporter.Wake;
        _link = new LinkWorker(credentials, _inbox, _reporter, new SampleReporter(_engine, _boots, time), time, _log);
        _outlets = new SampleOutlets(asked, _engine.Read, time, loggers);
        _notice = new ServiceNotice(Environment.GetEnvironmentVariable(ServiceNotice.Variable), loggers.CreateLogger<ServiceNotice>());
        _link.Stands = _notice.Status;
    }

    /// <summary>Forwards until a signal stops it.</summary>
    public async Task RunAsync()
    {
        _engine.Start();
        await StartFromDiskAsync();
        await _outlets.FollowAsync(new StatsSettings(), null);
        _notice.Ready("Started; the link is not up yet");

        using var ending = new CancellationTokenSource();
        using var taking = CancellationTokenSource.CreateLinkedTokenSource(_signals.Stop);
        var inbox = _inbox.RunAsync(taking.Token);
        var link = LinkAsync(taking, inbox, ending.Token);
        await Task.WhenAny(Task.Delay(Timeout.Infinite, _signals.Stop), Fault(inbox), Fault(link));
        _log.Stops();
        await taking.CancelAsync();
        await inbox;
        _notice.Stopping("No longer listening; the last flows may finish", s_drain);
        await _engine.StopAsync(s_drain, _signals.Cut);
        await ending.CancelAsync();
        await link;
        _log.Stopped();
    }

    public async ValueTask DisposeAsync()
    {
        await _outlets.DisposeAsync();
        await _plans.DisposeAsync();
        await _engine.DisposeAsync();
        // After the engine, whose loops count in its files.
        _boots.Dispose();
    }

    /// <summary>Ends when the task does and has failed: what has to run for ever and does not is an error of the program.</summary>
    private static async Task Fault(Task task)
    {
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!task.IsFaulted)
        {
            await Task.Delay(Timeout.Infinite, CancellationToken.None);
        }
    }

    private async Task StartFromDiskAsync()
    {
        if (_plans.Load().Plan is not { } plan)
        {
            _log.StartsWithoutPlan();
            return;
        }

        try
        {
            var outcomes = await _inbox.StartWithAsync(plan);
            _log.StartsFromDisk(
                $"{plan.Revision}",
                plan.Rules.Count,
                outcomes.Count(outcome => outcome.Standing == RuleStanding.Listening),
                outcomes.Count(outcome => outcome.Standing == RuleStanding.Refused));
        }
        catch (Exception error)
        {
            // An edge that cannot use the old plan can still be sent a better one; ending here would happen again at every start.
            _log.PlanFailed(error, $"{plan.Revision}");
        }
    }

    /// <summary>Keeps the link. When this edge was revoked nothing is forwarded any more, and the process stays to say so.</summary>
    private async Task LinkAsync(CancellationTokenSource taking, Task inbox, CancellationToken end)
    {
        if (!await _link.RunAsync(end))
        {
            return;
        }

        // Before anything else: whoever kills the process on the way must not have it start from that plan again.
        _plans.Remove();
        await taking.CancelAsync();
        await inbox;
        await _inbox.ClearAsync();
        // Whatever is left of plans before the last one.
        await _engine.StopAsync(TimeSpan.Zero, end);
        _log.Revoked();
        _notice.Status("Revoked by the control plane: nothing is forwarded any more; enrol this machine anew and start again");
    }
}

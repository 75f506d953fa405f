using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Portunus.Edge.Engine;
using Portunus.Edge.Hosting;
using Portunus.Edge.Logs;
using Portunus.Edge.Native;
using Portunus.Edge.Options;
using Portunus.Shared.Plans;
using Portunus.Shared.RuleFiles;

namespace Portunus.Edge.Standalone;

/// <summary>
/// One host without a control plane: file → plan → engine, again on SIGHUP and whenever the file changes. A file with
/// problems changes nothing.
/// </summary>
internal sealed class StandaloneWorker : IAsyncDisposable
{
    private readonly CommandLine _asked;
    private readonly LogLines _lines;
    private readonly ProcessSignals _signals;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ForwardingEngine _engine;
    private readonly FilePlans _plans;
    private readonly TrafficSummary _summary;
    private readonly SampleOutlets _outlets;
    private readonly ServiceNotice _notice;
    private readonly Channel<ReloadCause> _reloads = Channel.CreateUnbounded<ReloadCause>();
    private GlobalSettings _settings = new();
    private string _digest = "";

    public StandaloneWorker(CommandLine asked, LogLines lines, ILoggerFactory loggers, ProcessSignals signals, TimeProvider time)
    {
        _asked = asked;
        _lines = lines;
        _signals = signals;
        _time = time;
        _log = loggers.CreateLogger<StandaloneWorker>();
        _engine = new ForwardingEngine(new EngineOptions(), loggers, time);
        _plans = new FilePlans(time);
        _summary = new TrafficSummary(_engine.Read, time, loggers.CreateLogger<TrafficSummary>());
        _outlets = new SampleOutlets(asked, _engine.Read, time, loggers);
        _notice = new ServiceNotice(Environment.GetEnvironmentVariable(ServiceNotice.Variable), loggers.CreateLogger<ServiceNotice>());
        signals.Hangup = () => Ask(ReloadCause.Hangup);
    }

    /// <summary>Forwards until a signal stops it; answers the exit code.</summary>
    /// <param name="file">The file to start with.</param>
    /// <param name="loaded">How it was found.</param>
    /// <param name="stamp">The file's stamp before it was read.</param>
    public async Task<int> RunAsync(RuleFile file, LoadedFile loaded, FileStamp? stamp)
    {
        _log.Starts(EdgeVersion.Text, file.Rules.Count, _asked.File);
        TellWarnings(loaded.Result.Warnings);
        _engine.Start();
        _digest = loaded.Digest;
        var outcomes = await ApplyAsync(file);
        if (outcomes.All(outcome => outcome.Standing != RuleStanding.Listening) && outcomes.Any(outcome => outcome.Standing == RuleStanding.Refused))
        {
            _log.NoneListens(outcomes.Count(outcome => outcome.Standing == RuleStanding.Refused));
            return ExitCode.Failed;
        }

        _notice.Ready(TellStanding(outcomes));
        using var ending = new CancellationTokenSource();
        var upkeep = Task.WhenAll(
            new RuleFileWatch(_asked.File, _time).RunAsync(stamp, () => Ask(ReloadCause.FileChanged), () => _log.FileGone(_asked.File), ending.Token),
            _summary.RunAsync(ending.Token));
        await ReloadUntilStoppedAsync();
        await ending.CancelAsync();
        await upkeep;
        await StopAsync();
        return ExitCode.Done;
    }

    public async ValueTask DisposeAsync()
    {
        _signals.Hangup = null;
        await _outlets.DisposeAsync();
        await _engine.DisposeAsync();
    }

    private void Ask(ReloadCause cause) => _reloads.Writer.TryWrite(cause);

    private async Task ReloadUntilStoppedAsync()
    {
        try
        {
            while (true)
            {
                var cause = await _reloads.Reader.ReadAsync(_signals.Stop);
                // Whoever asked since is answered by the same reading of the file; a signal is answered in any case.
                while (_reloads.Reader.TryRead(out var another))
                {
                    cause = another == ReloadCause.Hangup ? another : cause;
                }

                await ReloadAsync(cause);
            }
        }
        catch (OperationCanceledException) when (_signals.Stop.IsCancellationRequested)
        {
            _log.Stops();
        }
    }

    private async Task ReloadAsync(ReloadCause cause)
    {
        var loaded = RuleFileLoader.Load(_asked.File);
        if (cause == ReloadCause.FileChanged && loaded.Digest == _digest && _digest.Length > 0)
        {
            _log.FileTouched(_asked.File);
            return;
        }

        _notice.Reloading();
        _log.Reloads(_asked.File, cause == ReloadCause.Hangup ? "a signal asks for it" : "it changed");
        _digest = loaded.Digest;
        TellWarnings(loaded.Result.Warnings);
        if (loaded.Result.File is not { } file)
        {
            TellProblems(loaded.Result.Problems);
            _notice.Ready($"The last file was refused ({loaded.Result.Problems.Count} problems); the rules before it run");
            return;
        }

        LogChoice.Apply(_lines, _asked, file.Global);
        _notice.Ready(TellStanding(await ApplyAsync(file)));
    }

    private async Task<IReadOnlyList<RuleOutcome>> ApplyAsync(RuleFile file)
    {
        _settings = file.Global;
        var next = _plans.Next(file);
        var outcomes = await _engine.ApplyAsync(next.Plan, CancellationToken.None);
        await _outlets.FollowAsync(file.Stats, file.MetricsListen);
        if (next.Plan.Revision.Number > 1)
        {
            _log.Reloaded(_asked.File, next.Added, next.Changed, next.Removed, file.Rules.Count - next.Added - next.Changed);
        }

        // Those of removed rules, which follow the file's, are of no interest here.
        return [.. outcomes.Take(file.Rules.Count)];
    }

    /// <summary>Into the log, and as the one line for the service manager.</summary>
    private string TellStanding(IReadOnlyList<RuleOutcome> outcomes)
    {
        var listening = outcomes.Count(outcome => outcome.Standing == RuleStanding.Listening);
        var refused = outcomes.Count(outcome => outcome.Standing == RuleStanding.Refused);
        var enabled = listening + refused;
        if (refused > 0)
        {
            _log.SomeListen(listening, enabled, refused);
            return $"{listening} of {enabled} enabled rules listen, {refused} refused";
        }

        _log.AllListen(listening, enabled);
        return $"{listening} of {enabled} enabled rules listen";
    }

    private void TellWarnings(IReadOnlyList<FileProblem> warnings)
    {
        foreach (var warning in warnings)
        {
            _log.FileWarning(_asked.File, warning.Line, warning.Column, warning.Code, warning.Text);
        }
    }

    private void TellProblems(IReadOnlyList<FileProblem> problems)
    {
        foreach (var problem in problems)
        {
            if (problem.Line > 0)
            {
                _log.FileProblem(_asked.File, problem.Line, problem.Column, problem.Code, problem.Text);
            }
            else
            {
                _log.FileUnusable(_asked.File, problem.Code, problem.Text);
            }
        }

        _log.ReloadRefused(_asked.File, problems.Count);
    }

    private async Task StopAsync()
    {
        _notice.Stopping("No longer listening; the last flows may finish", _settings.ShutdownDrain);
        await _engine.StopAsync(_settings.ShutdownDrain, _signals.Cut);
        _summary.WriteTotals();
        _log.Stopped();
    }
}

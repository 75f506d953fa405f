using System.Runtime.InteropServices;

namespace Portunus.Edge.Hosting;

/// <summary>
/// What the process is told from outside. Made before anything else, because a signal that comes before its handler ends a
/// process the hard way.
/// </summary>
internal sealed class ProcessSignals : IDisposable
{
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _cut = new();
    private int _stops;

    public ProcessSignals()
    {
        On(PosixSignal.SIGTERM, StopOrCut);
        On(PosixSignal.SIGINT, StopOrCut);
        On(PosixSignal.SIGHUP, () => Hangup?.Invoke());
    }

    /// <summary>What to do on SIGHUP, on a thread of the pool; nothing until somebody says.</summary>
    public Action? Hangup { get; set; }

    /// <summary>The first SIGTERM or SIGINT: stop in an orderly way.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>The second one: whoever sends it does not want to wait.</summary>
    public CancellationToken Cut => _cut.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _stop.Dispose();
        _cut.Dispose();
    }

    private void StopOrCut()
    {
        if (Interlocked.Increment(ref _stops) == 1)
        {
            _stop.Cancel();
        }
        else
        {
            _cut.Cancel();
        }
    }

    private void On(PosixSignal signal, Action act) => _registrations.Add(PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        act();
    }));
}

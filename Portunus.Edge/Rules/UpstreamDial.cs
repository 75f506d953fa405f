using System.Net;
using Portunus.Edge.Loop;
using Portunus.Edge.Metering;
using Portunus.Edge.Native;
using Portunus.Edge.Targets;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Rules;

/// <summary>What <see cref="UpstreamDial.Next"/> came to.</summary>
internal enum DialStep
{
    /// <summary>A connect is under way on the descriptor given.</summary>
    Connecting,

    /// <summary>Connected already: the target is on this machine.</summary>
    Connected,

    /// <summary>The target's name has no address yet; the waiter is called once.</summary>
    Resolving,

    /// <summary>Nothing is left to try: see <see cref="UpstreamDial.Verdict"/>.</summary>
    GaveUp,
}

/// <summary>
/// Finds a target for one flow: all addresses of a target, then the next target, without blocking. Part of its flow and
/// used again with it. How a connect is begun is the protocol's own matter.
/// </summary>
internal abstract class UpstreamDial
{
    // ip_local_port_range (ip(7)) never reaches below.
    private const int FirstOutgoingPort = 1024;

    private RuleModel? _model;
    private TargetOrder _order;
    private TargetEntry? _entry;
    private IPAddress[]? _addresses;
    private int _address;
    private int _portOffset;
    private bool _waited;
    private bool _isTargetsFault;
    private bool _wasTried;
    private bool _isLocal;
    private TargetGuard? _guard;
    private long _startedAt;
    private SockAddr _dialled;

    /// <summary>Why it gave up, by the last thing that went wrong.</summary>
    public FlowEnd Verdict { get; private set; }

    /// <summary>The target being tried or connected to.</summary>
    public TargetEntry? Entry => _entry;

    /// <summary>The address dialled last.</summary>
    public ref readonly SockAddr Dialled => ref _dialled;

    public void Begin(RuleModel model, in SockAddr source, int portOffset)
    {
        _model = model;
        _guard = model.Guard;
        _order = model.Targets.Begin(source);
        _entry = null;
        _addresses = null;
        _portOffset = portOffset;
        Verdict = FlowEnd.NoTarget;
    }

    /// <summary>Starts the next attempt: the next address of this target, else the next target.</summary>
    public DialStep Next(INameWaiter waiter, RuleCounters counters, long now, out int fd)
    {
        fd = -1;
        while (true)
        {
            if (_entry is null && !NextTarget(now))
            {
                return DialStep.GaveUp;
            }

            if (_entry is not { } entry)
            {
                return DialStep.GaveUp;
            }

            if (!TryAddress(entry, out var address))
            {
                // A literal, or a name whose addresses have all been tried.
                if (entry.Target.Names is not { } names || _addresses is not null)
                {
                    TargetFailed(counters, now);
                    continue;
                }

                if (_waited)
                {
                    counters.NameFailures++;
                    Verdict = FlowEnd.NameFailed;
                    _isTargetsFault = true;
                    TargetFailed(counters, now);
                    continue;
                }

                _addresses = names.Addresses;
                if (_addresses is null)
                {
                    _waited = true;
                    names.Wait(waiter);
                    return DialStep.Resolving;
                }

                continue;
            }

            if (_guard is { } guard && guard.Refuses(address))
            {
                // Another address of the same name may do.
                Verdict = FlowEnd.LocalTarget;
                _isLocal = true;
                continue;
            }

            _wasTried = true;
            var opened = Open(address, out fd);
            if (opened is Errno.None or Errno.EINPROGRESS)
            {
                _startedAt = now;
                _dialled = address;
                return opened == Errno.None ? DialStep.Connected : DialStep.Connecting;
            }

            if (opened.IsPressure())
            {
                // Ours to answer for, not the target's: its health is left alone.
                Verdict = FlowEnd.OutOfDescriptors;
                Abandon();
                return DialStep.GaveUp;
            }

            if (IsOutOfPorts(opened))
            {
                // Another address may do.
                Verdict = FlowEnd.OutOfPorts;
            }
            else
            {
                Verdict = FlowEnd.NoTarget;
                _isTargetsFault = true;
            }
        }
    }

    /// <summary>What is dialled from now on must not be on this machine.</summary>
    public void Forbid(TargetGuard guard) => _guard = guard;

    /// <summary>The name waited for has an answer, good or bad.</summary>
    public void NameAnswered() => _addresses = _entry?.Target.Names?.Addresses;

    /// <summary>Whether the attempt under way, now established, has met nobody but itself.</summary>
    public bool HasMetItself(int fd) => IsItself(fd, _dialled);

    /// <summary>The attempt under way failed; the caller has closed its descriptor.</summary>
    public void AttemptFailed(bool timedOut)
    {
        Verdict = timedOut ? FlowEnd.ConnectTimeout : FlowEnd.NoTarget;
        _isTargetsFault = true;
    }

    /// <summary>The attempt under way succeeded.</summary>
    public void Succeeded(RuleCounters counters, long now)
    {
        if (_entry is not null && _entry.Target.Health.ReportSuccess(now, now - _startedAt))
        {
            counters.TargetChanges++;
        }
    }

    /// <summary>
    /// The connected target failed before it could be used, or is <paramref name="certain"/> not to be there: it counts as a failed
    /// connect, and the next is tried.
    /// </summary>
    public void FailedAfterConnect(RuleCounters counters, long now, bool certain = false)
    {
        AttemptFailed(timedOut: false);
        TargetFailed(counters, now, certain);
    }

    /// <summary>The flow ends while dialling: a trial of a down target that it had claimed is free again.</summary>
    public void Abandon()
    {
        _entry?.Target.Health.AbandonTrial(LoopClock.Now);
        Release();
    }

    /// <summary>Lets go of model and target; the flow is over.</summary>
    public void Release()
    {
        _entry = null;
        _addresses = null;
        _model = null;
        _guard = null;
    }

    private bool NextTarget(long now)
    {
        if (_model is null || !_model.Targets.TryNext(ref _order, now, out var index))
        {
            return false;
        }

        _entry = _model.Targets[index];
        _addresses = null;
        _address = 0;
        _waited = false;
        _isTargetsFault = false;
        _wasTried = false;
        _isLocal = false;
        return true;
    }

    private bool TryAddress(TargetEntry entry, out SockAddr address)
    {
        address = default;
        if (!entry.Target.Literal.IsEmpty)
        {
            if (_address++ > 0)
            {
                return false;
            }

            address = entry.Target.Literal;
        }
        else if (_addresses is not null && _address < _addresses.Length)
        {
            address = SockAddr.From(_addresses[_address++], 0).Unmapped();
        }
        else
        {
            return false;
        }

        address.Port = entry.Target.FirstPort + _portOffset;
        return true;
    }

    private void TargetFailed(RuleCounters counters, long now, bool certain = false)
    {
        // One that has no address but of this machine will never do, so it must not look as if it might.
        var isOnlyLocal = _isLocal && !_wasTried;
        if (!_isTargetsFault && !isOnlyLocal)
        {
            _entry?.Target.Health.AbandonTrial(now);
        }
        else if (_entry is not null && _entry.Target.Health.ReportFailure(now, certain || isOnlyLocal, isOnlyLocal ? TargetGuard.Reason : null))
        {
            counters.TargetChanges++;
        }

        _entry = null;
    }

    /// <summary>
    /// A connect to a port of this machine on which nobody listens, and which the kernel gives it as its own, succeeds: for TCP the
    /// simultaneous open of RFC 9293 3.5. Each byte would come back to whoever sent it, and the target could not bind its port.
    /// </summary>
    protected static bool IsItself(int fd, in SockAddr address) =>
        address.Port >= FirstOutgoingPort && SocketCalls.LocalAddress(fd, out var local).IsOk && local.Equals(address);

    /// <summary>Begins a connect to an address; the descriptor is given where it is under way or done.</summary>
    protected abstract Errno Open(in SockAddr address, out int fd);

    /// <summary>No local port is left towards an address, or none of our addresses is of its family.</summary>
    protected virtual bool IsOutOfPorts(Errno error) => error == Errno.EADDRNOTAVAIL;
}

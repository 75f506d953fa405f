using Microsoft.Extensions.Logging;
using Portunus.Edge.Metering;
using Portunus.Edge.Native;
using Portunus.Edge.Rules;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Tcp;

/// <summary>One listening descriptor and its acceptors, one for each loop.</summary>
internal sealed class TcpListener : RuleListener
{
    private readonly IReadOnlyList<TcpLoop> _loops;
    private readonly Action<RuleListener, Errno> _died;
    private readonly SpareDescriptor _spare;
    private readonly AcceptErrorCount _acceptErrors;
    private int _dead;

    public TcpListener(
        int fd,
        ListenKey key,
        IReadOnlyList<TcpLoop> loops,
        SpareDescriptor spare,
        AcceptErrorCount acceptErrors,
        ILogger log,
        Action<RuleListener, Errno> died)
        : base(key)
    {
        Fd = fd;
        _loops = loops;
        _spare = spare;
        _acceptErrors = acceptErrors;
        Log = log;
        _died = died;
    }

    public int Fd { get; }

    /// <summary>Distance from the rule's first port.</summary>
    public int PortOffset { get; private set; }

    public override bool IsSpread => _loops.Count > 1;

    public TcpAcceptor[] Acceptors { get; private set; } = [];

    public ILogger Log { get; }

    /// <summary>Starts accepting for a rule on every loop.</summary>
    public override async Task<Errno> OpenAsync(RuleState rule, int portOffset)
    {
        Rule = rule;
        PortOffset = portOffset;
        Acceptors = [.. _loops.Select(loop => new TcpAcceptor(loop, rule.Loops[loop.Loop.Index], this))];
        for (var i = 0; i < _loops.Count; i++)
        {
            var acceptor = Acceptors[i];
            var error = Errno.None;
            await _loops[i].Loop.RunAsync(() => error = acceptor.Open());
            if (error != Errno.None)
            {
                return error;
            }
        }

        return Errno.None;
    }

    /// <summary>Stops accepting on every loop; the descriptor stays open and its backlog keeps filling.</summary>
    public override async Task PauseAsync()
    {
        for (var i = 0; i < Acceptors.Length; i++)
        {
            await _loops[i].Loop.RunAsync(Acceptors[i].Close);
        }
    }

    /// <summary>Connections that wait in the backlog are reset by the kernel.</summary>
    public override Task CloseAsync()
    {
        PipeCalls.Close(Fd);
        return Task.CompletedTask;
    }

    public void CountAcceptError() => _acceptErrors.Add();

    /// <summary>Resets one waiting connection with the spare descriptor.</summary>
    public void RefuseOne(RuleCounters counters)
    {
        if (_spare.TryRefuse(Fd))
        {
            counters.Accepted++;
            counters.Ended(FlowEnd.OutOfDescriptors);
        }
    }

    /// <summary>The descriptor no longer listens; told once.</summary>
    public void Died(Errno error)
    {
        if (Interlocked.Exchange(ref _dead, 1) == 0)
        {
            _died(this, error);
        }
    }
}

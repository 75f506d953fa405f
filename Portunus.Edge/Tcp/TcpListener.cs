using System.Net;
using Microsoft.Extensions.Logging;
using Portunus.Edge.Metering;
using Portunus.Edge.Native;
using Portunus.Edge.Rules;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Tcp;

/// <summary>What a listener is bound to; a null address is all addresses, dual-stack.</summary>
internal readonly record struct ListenKey(IPAddress? Address, int Port);

/// <summary>
/// One listening descriptor and its acceptors, one for each loop. It can be handed from a removed rule to an added one, so
/// that renaming a rule refuses nobody.
/// </summary>
internal sealed class TcpListener
{
    private readonly Action<TcpListener, Errno> _died;
    private readonly SpareDescriptor _spare;
    private readonly AcceptErrorCount _acceptErrors;
    private int _dead;

    public TcpListener(int fd, ListenKey key, SpareDescriptor spare, AcceptErrorCount acceptErrors, ILogger log, Action<TcpListener, Errno> died)
    {
        Fd = fd;
        Key = key;
        _spare = spare;
        _acceptErrors = acceptErrors;
        Log = log;
        _died = died;
    }

    public int Fd { get; }

    /// <summary>What it is bound to.</summary>
    public ListenKey Key { get; }

    public int Port => Key.Port;

    /// <summary>Distance from the rule's first port.</summary>
    public int PortOffset { get; private set; }

    /// <summary>The rule it accepts for now.</summary>
    public RuleState? Rule { get; private set; }

    public TcpAcceptor[] Acceptors { get; private set; } = [];

    public ILogger Log { get; }

    /// <summary>
    /// Starts accepting for a rule on every loop. On an error (ENOMEM, ENOSPC: epoll_ctl(2)) some loops may accept already, until
    /// <see cref="PauseAsync"/>.
    /// </summary>
    public async Task<Errno> OpenAsync(IReadOnlyList<TcpLoop> loops, RuleState rule, int portOffset)
    {
        Rule = rule;
        PortOffset = portOffset;
        Acceptors = [.. loops.Select(loop => new TcpAcceptor(loop, rule.Loops[loop.Loop.Index], this))];
        for (var i = 0; i < loops.Count; i++)
        {
            var acceptor = Acceptors[i];
            var error = Errno.None;
            await loops[i].Loop.RunAsync(() => error = acceptor.Open());
            if (error != Errno.None)
            {
                return error;
            }
        }

        return Errno.None;
    }

    /// <summary>Stops accepting on every loop; the descriptor stays open and its backlog keeps filling.</summary>
    public async Task PauseAsync(IReadOnlyList<TcpLoop> loops)
    {
        for (var i = 0; i < Acceptors.Length; i++)
        {
            await loops[i].Loop.RunAsync(Acceptors[i].Close);
        }

        Rule = null;
    }

    /// <summary>Closes the descriptor; acceptors must be paused.</summary>
    public void Close() => PipeCalls.Close(Fd);

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

using Microsoft.Extensions.Logging;
using Portunus.Edge.Native;
using Portunus.Edge.Rules;
using Portunus.Edge.Tcp;
using Portunus.Edge.Udp;
using Portunus.Shared.Rules;

namespace Portunus.Edge.Engine;

/// <summary>
/// Binds the ports of rules, all or nothing, and keeps those that were given up: for a rule of the same plan to take over, and
/// while established flows still need them. Used by the reconciler only, one call at a time.
/// </summary>
internal sealed class ListenerSet
{
    private readonly EngineLoops _loops;
    private readonly int _backlog;
    private readonly SpareDescriptor _spareDescriptor;
    private readonly AcceptErrorCount _acceptErrors;
    private readonly ILogger _log;
    private readonly Action<RuleListener, Errno> _died;
    private readonly Dictionary<ListenKey, RuleListener> _givenUp = [];

    public ListenerSet(
        EngineLoops loops, int backlog, SpareDescriptor spareDescriptor, AcceptErrorCount acceptErrors, ILogger log, Action<RuleListener, Errno> died)
    {
        _loops = loops;
        _backlog = backlog;
        _spareDescriptor = spareDescriptor;
        _acceptErrors = acceptErrors;
        _log = log;
        _died = died;
    }

    /// <summary>Whether listeners without a rule are open still, because flows need them.</summary>
    public bool HasGivenUp => _givenUp.Count > 0;

    /// <summary>
    /// Binds each port of a rule, taking over what was given up, and has the loops take flows from it. On a refusal what was bound
    /// here is closed again and what was taken over is given up as before.
    /// </summary>
    public async Task<BindResult> BindAsync(CheckedRule rule, RuleState state)
    {
        await EndOverlappingAsync(rule);
        var bound = new List<RuleListener>(rule.ListenPorts.Length);
        var taken = new List<RuleListener>();
        foreach (var key in ListenKey.Of(rule))
        {
            if (_givenUp.Remove(key, out var spare))
            {
                if (!IsMisshapen(spare, rule))
                {
                    taken.Add(spare);
                    bound.Add(spare);
                    continue;
                }

                await spare.CloseAsync();
            }

            var error = Bind(key, rule.ListenPorts.Length > 1, bound);
            if (error != Errno.None)
            {
                await UndoAsync(bound, taken);
                return BindResult.Refused(key.Port, error);
            }
        }

        await _loops.OnEachAsync(state, loopRule => loopRule.Counters.OpenPorts(rule.ListenPorts));
        var errors = await Task.WhenAll(bound.Select(listener => listener.OpenAsync(state, listener.Port - rule.ListenPorts.First)));
        var failed = Array.FindIndex(errors, error => error != Errno.None);
        if (failed < 0)
        {
            return BindResult.Bound(bound);
        }

        await Task.WhenAll(bound.Select(listener => listener.PauseAsync()));
        await UndoAsync(bound, taken);
        return BindResult.Refused(bound[failed].Port, errors[failed]);
    }

    /// <summary>Listeners take no new flows any more and wait for a rule that wants them, or for their flows to end.</summary>
    public async Task GiveUpAsync(IReadOnlyList<RuleListener> listeners)
    {
        await Task.WhenAll(listeners.Select(listener => listener.PauseAsync()));
        foreach (var listener in listeners)
        {
            _givenUp[listener.Key] = listener;
        }
    }

    /// <summary>Closes what was given up and carries no flow, but for the ports that rules are about to take over.</summary>
    public Task CloseIdleAsync(IEnumerable<CheckedRule>? aboutToBind = null)
    {
        if (_givenUp.Count == 0)
        {
            return Task.CompletedTask;
        }

        var wanted = (aboutToBind ?? []).SelectMany(ListenKey.Of).ToHashSet();
        return CloseAsync([.. _givenUp.Values.Where(listener => !listener.HoldsFlows && !wanted.Contains(listener.Key))]);
    }

    /// <summary>Closes all that was given up and ends the flows on it.</summary>
    public Task CloseAllAsync() => CloseAsync([.. _givenUp.Values]);

    /// <summary>
    /// A descriptor of 127.0.0.1:80 would stand in the way of a rule that moves to all addresses at port 80, so whatever still
    /// drains there ends now.
    /// </summary>
    private Task EndOverlappingAsync(CheckedRule rule)
    {
        if (_givenUp.Count == 0)
        {
            return Task.CompletedTask;
        }

        var inTheWay = _givenUp.Values.Where(listener =>
        {
            var own = new ListenKey(rule.Protocol, rule.ListenAddress, listener.Port);
            return rule.ListenPorts.Contains(listener.Port) && listener.Key != own && listener.Key.Overlaps(own);
        });
        return CloseAsync([.. inTheWay]);
    }

    private async Task CloseAsync(IReadOnlyList<RuleListener> listeners)
    {
        foreach (var listener in listeners)
        {
            _givenUp.Remove(listener.Key);
        }

        await Task.WhenAll(listeners.Select(listener => listener.CloseAsync()));
    }

    private async Task UndoAsync(List<RuleListener> bound, List<RuleListener> taken)
    {
        foreach (var listener in taken)
        {
            _givenUp[listener.Key] = listener;
        }

        await Task.WhenAll(bound.Except(taken).Select(listener => listener.CloseAsync()));
    }

    /// <summary>
    /// A port that was one of a range would serve a rule of that port alone with one loop, and the other way round. How many sockets
    /// share a port cannot be changed while they have flows.
    /// </summary>
    private bool IsMisshapen(RuleListener spare, CheckedRule rule) =>
        rule.Protocol == TransportProtocol.Udp && !spare.HoldsFlows && spare.IsSpread != (rule.ListenPorts.IsSingle && _loops.Udp.Count > 1);

    private Errno Bind(ListenKey key, bool isRange, List<RuleListener> bound)
    {
        if (key.Protocol == TransportProtocol.Udp)
        {
            // A single port may be busy and is spread over all loops; the ports of a range are spread as they are.
            var loops = isRange ? [_loops.Udp[key.Port % _loops.Udp.Count]] : _loops.Udp;
            var error = UdpListener.Bind(key, loops, _log, _died, out var listener);
            if (listener is not null)
            {
                bound.Add(listener);
            }

            return error;
        }

        var opened = ListeningSocket.Open(key, _backlog);
        if (opened.IsOk)
        {
            bound.Add(new TcpListener(opened.Value, key, _loops.Tcp, _spareDescriptor, _acceptErrors, _log, _died));
        }

        return opened.Error;
    }
}

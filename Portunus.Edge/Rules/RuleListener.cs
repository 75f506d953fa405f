using Portunus.Edge.Native;

namespace Portunus.Edge.Rules;

/// <summary>
/// One listening port, of either protocol, on the loops that it was made for. It can be handed from a removed rule to an added
/// one, so that renaming a rule refuses nobody. Its methods are called by one caller at a time, from outside the loops.
/// </summary>
internal abstract class RuleListener(ListenKey key)
{
    /// <summary>What it is bound to.</summary>
    public ListenKey Key { get; } = key;

    public int Port => Key.Port;

    /// <summary>The rule that new flows belong to, or, while it is paused, the last one they belonged to; null before the first.</summary>
    public RuleState? Rule { get; protected set; }

    /// <summary>Whether several loops serve it; a UDP port of a range is one loop's.</summary>
    public abstract bool IsSpread { get; }

    /// <summary>
    /// Whether established flows still need the descriptor. False for good once it is paused and they have ended; always false
    /// for TCP, whose flows have descriptors of their own. Any thread.
    /// </summary>
    public virtual bool HoldsFlows => false;

    /// <summary>
    /// From now on new flows belong to this rule; those established under another go on as they are. On an error (ENOMEM, ENOSPC:
    /// epoll_ctl(2)) some loops may take flows already, until <see cref="PauseAsync"/>.
    /// </summary>
    /// <param name="rule">Whose flows they are.</param>
    /// <param name="portOffset">Distance from the rule's first port.</param>
    public abstract Task<Errno> OpenAsync(RuleState rule, int portOffset);

    /// <summary>No new flows; established ones go on and the descriptor stays open.</summary>
    public abstract Task PauseAsync();

    /// <summary>Ends what still hangs on the descriptor, then closes it; it must be paused.</summary>
    public abstract Task CloseAsync();
}

using Portunus.Edge.Targets;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Rules;

/// <summary>
/// What a rule needs to know of a flow that lives on one loop: enough to find it, to end it, and to tell it of a change.
/// Linked into its <see cref="LoopRule"/> in place.
/// </summary>
internal abstract class LiveFlow
{
    internal LiveFlow? Next { get; set; }

    internal LiveFlow? Previous { get; set; }

    /// <summary>The revision of the rule under which the flow was opened.</summary>
    public long RuleRevision { get; protected set; }

    /// <summary>Ends it at once, by reset, so that nobody takes what arrived for the whole. On the loop's thread.</summary>
    public abstract void Cut(FlowEnd reason, long now);

    /// <summary>
    /// Its rule may not reach this machine any more: it ends where it has, and dials nothing more of it where it has not yet. On the loop's
    /// thread.
    /// </summary>
    public abstract void Forbid(TargetGuard guard, long now);

    /// <summary>Model or limits of the rule were swapped: timers and pauses may be out of date. On the loop's thread.</summary>
    public abstract void RuleChanged(long now);
}

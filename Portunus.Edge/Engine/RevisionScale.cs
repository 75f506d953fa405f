namespace Portunus.Edge.Engine;

/// <summary>
/// Puts the revisions of one rule from all epochs an engine has seen on one scale, on which what is newer is higher. A control plane
/// that was restored counts on from lower numbers than its edges have seen, and gives out numbers again that stood for
/// something else: what was opened under an earlier epoch is older than any revision of the later one.
/// </summary>
internal sealed class RevisionScale(long epoch)
{
    // Epochs change with restores; a thousand changes of a rule a second for thirty years stay below.
    private const int EpochBits = 40;
    private const long MostRevision = (1L << EpochBits) - 1;

    private long _base = epoch << EpochBits;
    private long _known = -1;
    private long _floor;

    /// <summary>Where a revision of the epoch in force stands.</summary>
    public long Of(long revision) => revision <= _known ? _floor : _base + Math.Min(revision, MostRevision);

    /// <summary>The revision that runs now belongs to an earlier epoch from here on.</summary>
    /// <param name="next">Counts the epochs.</param>
    /// <param name="known">
    /// The revision under which the new epoch asks for the very same rule, null where it asks for another one: what was opened under the
    /// rule that runs is then not older than that revision, and an order that was given up to it has been obeyed.
    /// </param>
    /// <param name="running">What runs, on this scale.</param>
    public void Enter(long next, long? known, long running)
    {
        _base = next << EpochBits;
        _known = known ?? -1;
        _floor = running;
    }
}

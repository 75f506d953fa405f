namespace Portunus.Edge.Targets;

/// <summary>Who waits for the first addresses of a name.</summary>
internal interface INameWaiter
{
    /// <summary>
    /// Called exactly once for each <see cref="NameEntry.Wait"/>, when the name has addresses or is known to have none. On any
    /// thread, also within that call; it must not block.
    /// </summary>
    void NameReady(NameEntry entry);
}

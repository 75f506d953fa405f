namespace Portunus.Edge.Loop;

/// <summary>Something a loop can call when its descriptor is ready. Lives in the loop's <see cref="SlotTable"/>.</summary>
internal abstract class Pollable
{
    /// <summary>Where the loop knows it; 0 when it is not registered.</summary>
    public ulong Tag { get; set; }

    /// <summary>Called on the loop's thread with the epoll bits that came.</summary>
    public abstract void Ready(uint events, long now);

    /// <summary>An error of ours escaped <see cref="Ready"/>: end whatever this belongs to.</summary>
    public abstract void Fault(Exception error);
}

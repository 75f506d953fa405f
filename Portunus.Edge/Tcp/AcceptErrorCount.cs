namespace Portunus.Edge.Tcp;

/// <summary>Failed accepts of all listeners since the start, those that are closed by now included. Any thread.</summary>
internal sealed class AcceptErrorCount
{
    private long _count;

    public long Count => Interlocked.Read(ref _count);

    public void Add() => Interlocked.Increment(ref _count);
}

using Microsoft.Win32.SafeHandles;
using Portunus.Edge.Native;

namespace Portunus.Edge.Metering;

/// <summary>
/// Memory for counters that never moves. Whoever holds a record in it holds it too: it goes with the last of them, so that nobody
/// reads what is not there any more.
/// </summary>
internal sealed unsafe class CounterSegment
{
    private CounterSegment(byte* address, int first)
    {
        Address = address;
        First = first;
    }

    ~CounterSegment() => MemoryCalls.Unmap(Address, CounterFormat.SegmentBytes);

    public byte* Address { get; }

    /// <summary>Bytes before the first record.</summary>
    public int First { get; }

    /// <summary>Of this process alone.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static CounterSegment Anonymous()
    {
        var address = MemoryCalls.MapAnonymous(CounterFormat.SegmentBytes);
        return address != null ? new CounterSegment(address, 0) : throw new InvalidOperationException("no memory for counters");
    }

    /// <summary>A part of a file; null and the reason where it cannot be had.</summary>
    public static CounterSegment? OfFile(SafeFileHandle file, long offset, int first, out Errno error)
    {
        error = MemoryCalls.Reserve(file, offset, CounterFormat.SegmentBytes);
        if (error != Errno.None)
        {
            return null;
        }

        var address = MemoryCalls.MapFile(file, offset, CounterFormat.SegmentBytes);
        error = address == null ? Errno.ENOMEM : Errno.None;
        return address == null ? null : new CounterSegment(address, first);
    }

    /// <summary>Has its first page on the disk when it returns.</summary>
    public Errno FlushHead()
    {
        var error = MemoryCalls.Flush(Address, Math.Max(CounterFormat.HeadBytes, Environment.SystemPageSize)).Error;
        GC.KeepAlive(this);
        return error;
    }
}

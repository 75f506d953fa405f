using Microsoft.Win32.SafeHandles;
using Portunus.Edge.Native;

namespace Portunus.Edge.Metering;

/// <summary>
/// The file in which the running boot counts: it is mapped, so what was counted is in it the moment it was counted, whatever becomes of
/// the process. One that cannot be had, or cannot grow, is done without.
/// </summary>
internal sealed unsafe class CounterFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly Action<Errno> _refused;
    private readonly CounterSegment _first;
    private long _length = CounterFormat.SegmentBytes;
    private CounterSegment? _unused;
    private bool _isRefused;
    private bool _isTold;

    private CounterFile(SafeFileHandle handle, CounterSegment first, Action<Errno> refused) => (_handle, _first, _unused, _refused) = (handle, first, first, refused);

    /// <summary>Makes it, for its owner alone; null and the reason where it cannot be had, and nothing is left of it.</summary>
    /// <param name="path">Where; there must be none.</param>
    /// <param name="head">What it says of itself.</param>
    /// <param name="refused">Called when it could not grow, once until it could.</param>
    /// <param name="error">Why there is none.</param>
    /// <exception cref="IOException">The folder does not take files.</exception>
    public static CounterFile? Create(string path, CounterHead head, Action<Errno> refused, out Errno error)
    {
        var handle = Open(path);
        var first = CounterSegment.OfFile(handle, 0, CounterFormat.HeadBytes, out error);
        if (first is null)
        {
            handle.Dispose();
            File.Delete(path);
            return null;
        }

        head.Write(new Span<byte>(first.Address, CounterFormat.HeadBytes));
        GC.KeepAlive(first);
        return new CounterFile(handle, first, refused);
    }

    /// <summary>One more segment; null where the disk has no room for it. It is asked again when the next one is needed.</summary>
    public CounterSegment? Grow()
    {
        if (_unused is { } segment)
        {
            _unused = null;
            return segment;
        }

        var grown = CounterSegment.OfFile(_handle, _length, 0, out var error);
        if (grown is not null)
        {
            _length += CounterFormat.SegmentBytes;
            _isRefused = false;
            return grown;
        }

        if (!_isRefused)
        {
            _isRefused = true;
            _refused(error);
        }

        return null;
    }

    /// <summary>Before somebody is told: the number of the look that comes, and for good that these counters have been told.</summary>
    public void Tell(long sequence)
    {
        Volatile.Write(ref *(long*)(_first.Address + CounterHead.SequenceOffset), sequence);
        if (!_isTold)
        {
            _isTold = true;
            Volatile.Write(ref *(long*)(_first.Address + CounterHead.WasToldOffset), 1);
            // Told and, after a power cut, not known to have been told would be counted twice.
            _ = _first.FlushHead();
        }

        GC.KeepAlive(_first);
    }

    /// <summary>The counters stay, and so does the memory while anybody holds it.</summary>
    public void Dispose() => _handle.Dispose();

    private static SafeFileHandle Open(string path)
    {
        using var made = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        return File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
    }
}

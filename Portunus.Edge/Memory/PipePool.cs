using System.Diagnostics;
using Portunus.Edge.Native;

namespace Portunus.Edge.Memory;

/// <summary>Both ends of a pipe, and how many bytes are inside.</summary>
internal sealed class Pipe
{
    public required int ReadEnd { get; init; }

    public required int WriteEnd { get; init; }

    /// <summary>Capacity in bytes, by slots of a page.</summary>
    public required int Capacity { get; init; }

    public int Waiting { get; set; }
}

/// <summary>
/// Pipes of one loop. A direction holds one only from the splice that fills it to the one that empties it, so a few pipes
/// serve every flow of the loop and stay warm in its cache. A pipe that is not empty is never pooled: what it holds belongs
/// to one tenant, and the next flow would send it to another.
/// </summary>
internal sealed class PipePool : IDisposable
{
    /// <summary>What bulk flows get: 256 slots.</summary>
    public const int LargeSize = 1024 * 1024;

    /// <summary>The kernel's default: 16 slots.</summary>
    public const int SmallSize = 64 * 1024;

    private const int KeptPipes = 32;

    // fs.pipe-user-pages-soft lets an unprivileged user have 64 MiB in pipes, which is 64 large ones over all loops.
    private const int MaxLarge = 24;

    private readonly Stack<Pipe> _small = new(KeptPipes);
    private readonly Stack<Pipe> _large = new(MaxLarge);
    private int _largeOpen;
    private long _retryAt;

    /// <summary>Pipes in the hands of flows now.</summary>
    public int Rented { get; private set; }

    /// <summary>Times no usable pipe could be had.</summary>
    public long Shortages { get; private set; }

    /// <summary>
    /// An empty pipe, large where one is asked for and can be had; null when the kernel gives none or only one of a page or
    /// two (pipe(7): what a user over the soft limit gets), and copying is the better way. After a refusal the kernel is not
    /// asked again for a second.
    /// </summary>
    public Pipe? Rent(bool large, long now)
    {
        var pipe = large ? RentLarge(now) : null;
        pipe ??= _small.Count > 0 ? _small.Pop() : Open(SmallSize, now);
        // A small flow may as well use an idle large pipe before copying.
        pipe ??= _large.Count > 0 ? _large.Pop() : null;
        if (pipe is not null)
        {
            Debug.Assert(pipe.Waiting == 0, "a pipe with bytes inside was in the pool");
            Rented++;
        }

        return pipe;
    }

    /// <summary>Takes a pipe back: into the pool when it is empty, else it is closed with what it holds.</summary>
    public void Return(Pipe pipe)
    {
        Rented--;
        var pool = pipe.Capacity > SmallSize ? _large : _small;
        if (pipe.Waiting == 0 && pool.Count < (pool == _large ? MaxLarge : KeptPipes))
        {
            pool.Push(pipe);
        }
        else
        {
            Close(pipe);
        }
    }

    public void Dispose()
    {
        while (_small.Count > 0)
        {
            Close(_small.Pop());
        }

        while (_large.Count > 0)
        {
            Close(_large.Pop());
        }
    }

    private Pipe? RentLarge(long now)
    {
        if (_large.Count > 0)
        {
            return _large.Pop();
        }

        return _largeOpen < MaxLarge ? Open(LargeSize, now) : null;
    }

    private Pipe? Open(int size, long now)
    {
        if (now < _retryAt)
        {
            return null;
        }

        if (!PipeCalls.Open(out var readEnd, out var writeEnd).IsOk)
        {
            return Short(now);
        }

        if (size > SmallSize)
        {
            // Refused over fs.pipe-max-size or the user's soft limit: the default size serves as well.
            PipeCalls.Resize(writeEnd, size);
        }

        var actual = PipeCalls.SizeOf(writeEnd);
        if (!actual.IsOk || actual.Value < SmallSize)
        {
            PipeCalls.Close(readEnd);
            PipeCalls.Close(writeEnd);
            return Short(now);
        }

        _largeOpen += actual.Value > SmallSize ? 1 : 0;
        return new Pipe { ReadEnd = readEnd, WriteEnd = writeEnd, Capacity = actual.Value };
    }

    private Pipe? Short(long now)
    {
        Shortages++;
        _retryAt = now + TimeSpan.TicksPerSecond;
        return null;
    }

    private void Close(Pipe pipe)
    {
        _largeOpen -= pipe.Capacity > SmallSize ? 1 : 0;
        PipeCalls.Close(pipe.ReadEnd);
        PipeCalls.Close(pipe.WriteEnd);
    }
}

using Portunus.Edge.Memory;

namespace Portunus.Edge.Relay;

/// <summary>
/// One way of a flow: where bytes come from, where they go, and what waits in between. Owned by the flow; the pumps
/// borrow it for one call. At most one of <see cref="Pipe"/> and <see cref="Rest"/> holds bytes.
/// </summary>
internal sealed class RelayDirection
{
    /// <summary>Descriptor read from; the leg owns it.</summary>
    public int Source { get; set; } = -1;

    /// <summary>Descriptor written to; the leg owns it.</summary>
    public int Sink { get; set; } = -1;

    /// <summary>Held from the splice that filled it to the one that empties it.</summary>
    public Pipe? Pipe { get; set; }

    /// <summary>Copied bytes that the sink would not take yet.</summary>
    public Block? Rest { get; private set; }

    public int RestOffset { get; private set; }

    public int RestEnd { get; private set; }

    /// <summary>Proven bulk: reads came back full, so splice pays.</summary>
    public bool Splicing { get; set; }

    /// <summary>The kernel would not splice between these two; copy for the rest of the flow.</summary>
    public bool CopyOnly { get; set; }

    /// <summary>Splices in a row that moved too little to pay.</summary>
    public int ShortSplices { get; set; }

    /// <summary>Splices in a row that found nothing.</summary>
    public int EmptySplices { get; set; }

    /// <summary>The source has sent its end; what waits is still to be delivered.</summary>
    public bool SourceEnded { get; set; }

    /// <summary>The end has been passed on to the sink: this way is over.</summary>
    public bool IsFinished { get; set; }

    /// <summary>Out of tokens: nothing is read until a timer says so.</summary>
    public bool IsStarved { get; set; }

    /// <summary>Bytes were read that the sink has not taken.</summary>
    public bool HasWaiting => Pipe is not null || Rest is not null;

    /// <summary>Whether reading the source makes sense now.</summary>
    public bool WantsRead => !SourceEnded && !IsStarved && !HasWaiting;

    public void Open(int source, int sink)
    {
        Source = source;
        Sink = sink;
    }

    public unsafe void KeepRest(BufferPool buffers, byte* from, int count)
    {
        var block = buffers.Rent();
        Buffer.MemoryCopy(from, block.Pointer, BufferPool.BlockSize, count);
        Rest = block;
        RestOffset = 0;
        RestEnd = count;
    }

    public void TookRest(BufferPool buffers, int count)
    {
        RestOffset += count;
        if (RestOffset == RestEnd && Rest is not null)
        {
            buffers.Return(Rest);
            Rest = null;
        }
    }

    /// <summary>Throws away what waits: its sink is gone.</summary>
    public void DropWaiting(LoopMemory memory)
    {
        if (Pipe is not null)
        {
            memory.Pipes.Return(Pipe);
            Pipe = null;
        }

        if (Rest is not null)
        {
            memory.Buffers.Return(Rest);
            Rest = null;
        }
    }

    /// <summary>Throws away what waits and makes the direction as new.</summary>
    public void Release(LoopMemory memory)
    {
        DropWaiting(memory);
        Source = -1;
        Sink = -1;
        Splicing = false;
        CopyOnly = false;
        ShortSplices = 0;
        EmptySplices = 0;
        SourceEnded = false;
        IsFinished = false;
        IsStarved = false;
    }
}

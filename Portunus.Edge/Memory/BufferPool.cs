using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Portunus.Edge.Memory;

/// <summary>A block of native memory with one owner at a time.</summary>
internal sealed unsafe class Block
{
    public byte* Pointer { get; init; }

    public bool IsRented { get; set; }
}

/// <summary>
/// Blocks of <see cref="BlockSize"/> bytes outside the managed heap, for one loop. A flow rents one only while bytes wait
/// that its sink would not take; everything else passes through <see cref="Shared"/>, so an idle flow holds no buffer.
/// </summary>
internal sealed unsafe class BufferPool : IDisposable
{
    /// <summary>64 KiB: a read that fills it marks a bulk flow.</summary>
    public const int BlockSize = 64 * 1024;

    private const int KeptBlocks = 64;

    private readonly Stack<Block> _free = new(KeptBlocks);

    public BufferPool() => Shared = Allocate();

    /// <summary>The loop's own scratch block: valid within one call.</summary>
    public Block Shared { get; }

    /// <summary>Blocks rented now.</summary>
    public int Rented { get; private set; }

    public Block Rent()
    {
        Rented++;
        var block = _free.Count > 0 ? _free.Pop() : Allocate();
        Debug.Assert(!block.IsRented, "a rented block was in the pool");
        block.IsRented = true;
        return block;
    }

    public void Return(Block block)
    {
        Debug.Assert(block.IsRented, "a block came back twice");
        block.IsRented = false;
        Rented--;
        if (_free.Count < KeptBlocks)
        {
            _free.Push(block);
        }
        else
        {
            NativeMemory.AlignedFree(block.Pointer);
        }
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(Shared.Pointer);
        while (_free.Count > 0)
        {
            NativeMemory.AlignedFree(_free.Pop().Pointer);
        }
    }

    private static Block Allocate() => new() { Pointer = (byte*)NativeMemory.AlignedAlloc(BlockSize, 4096) };
}

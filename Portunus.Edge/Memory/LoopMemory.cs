namespace Portunus.Edge.Memory;

/// <summary>The buffers and pipes of one loop.</summary>
internal sealed class LoopMemory : IDisposable
{
    public BufferPool Buffers { get; } = new();

    public PipePool Pipes { get; } = new();

    public void Dispose()
    {
        Buffers.Dispose();
        Pipes.Dispose();
    }
}

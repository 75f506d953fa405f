using Portunus.Edge.Loop;
using Portunus.Edge.Memory;

namespace Portunus.Edge.Tcp;

/// <summary>What the TCP flows of one loop share: the loop, its memory, and flows to use again.</summary>
internal sealed class TcpLoop : IDisposable
{
    private const int KeptFlows = 1024;

    private readonly Stack<TcpFlow> _free = new();

    public TcpLoop(EventLoop loop) => Loop = loop;

    public EventLoop Loop { get; }

    public LoopMemory Memory { get; } = new();

    public TcpFlow RentFlow() => _free.Count > 0 ? _free.Pop() : new TcpFlow(this);

    public void ReturnFlow(TcpFlow flow)
    {
        if (_free.Count < KeptFlows)
        {
            _free.Push(flow);
        }
    }

    public void Dispose() => Memory.Dispose();
}

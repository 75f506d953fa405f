using Portunus.Edge.Native;

namespace Portunus.Edge.Tcp;

/// <summary>
/// A descriptor kept for the moment when there are no others: given up, it lets one waiting connection be accepted and reset
/// instead of hanging in the backlog.
/// </summary>
internal sealed class SpareDescriptor : IDisposable
{
    private readonly Lock _gate = new();
    private int _fd = PipeCalls.OpenEvent() is { IsOk: true } opened ? opened.Value : -1;

    /// <summary>Accepts and resets one connection; false when there was none, or another thread took the descriptor first.</summary>
    public bool TryRefuse(int listener)
    {
        lock (_gate)
        {
            PipeCalls.Close(_fd);
            var accepted = SocketCalls.Accept(listener, out _);
            if (accepted.IsOk)
            {
                SocketCalls.Reset(accepted.Value);
            }

            var opened = PipeCalls.OpenEvent();
            _fd = opened.IsOk ? opened.Value : -1;
            return accepted.IsOk;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            PipeCalls.Close(_fd);
            _fd = -1;
        }
    }
}

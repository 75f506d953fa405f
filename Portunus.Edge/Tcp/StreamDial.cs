using Portunus.Edge.Native;
using Portunus.Edge.Rules;

namespace Portunus.Edge.Tcp;

/// <summary>The dial of a TCP flow: a connect that is under way until its socket is writable.</summary>
internal sealed class StreamDial : UpstreamDial
{
    // Dead peers are noticed within about two minutes, well under what middleboxes keep an idle mapping for.
    public const int KeepAliveIdleSeconds = 60;
    public const int KeepAliveIntervalSeconds = 15;
    public const int KeepAliveCount = 4;

    protected override Errno Open(in SockAddr address, out int fd)
    {
        fd = -1;
        var opened = SocketCalls.OpenStream(address.Family);
        if (!opened.IsOk)
        {
            return opened.Error;
        }

        // It cannot fail on a fresh TCP socket; were it refused, the flow would still work.
        SocketCalls.SetNoDelay(opened.Value);
        var connected = SocketCalls.Connect(opened.Value, address);
        if (connected.Error == Errno.EINPROGRESS && address.IsLoopback)
        {
            // The handshake over loopback is done by the time the call returns, though it says EINPROGRESS; asking once more
            // saves a wait and a change of interest.
            connected = SocketCalls.Connect(opened.Value, address);
            connected = connected.Error is Errno.EALREADY ? SysResult.Failed(Errno.EINPROGRESS) : connected;
        }

        if (connected.IsOk && IsItself(opened.Value, address))
        {
            connected = SysResult.Failed(Errno.ECONNREFUSED);
        }

        if (connected.IsOk || connected.Error == Errno.EINPROGRESS)
        {
            fd = opened.Value;
            return connected.Error;
        }

        PipeCalls.Close(opened.Value);
        return connected.Error;
    }
}

using Portunus.Edge.Native;
using Portunus.Edge.Rules;

namespace Portunus.Edge.Udp;

/// <summary>The dial of a UDP flow: a connected socket is there at once, or not at all.</summary>
internal sealed class DatagramDial : UpstreamDial
{
    // The kernel's default takes about 90 datagrams of 1,200 bytes, which a target sends in one burst.
    private const int ReceiveBufferBytes = 1024 * 1024;

    protected override Errno Open(in SockAddr address, out int fd)
    {
        fd = -1;
        var opened = DatagramCalls.Open(address.Family);
        if (!opened.IsOk)
        {
            return opened.Error;
        }

        // Without it only "port unreachable" would be told, not that host or network are.
        var step = DatagramCalls.SetReceiveErrors(opened.Value, address.Family);
        step = step.IsOk ? SocketCalls.Connect(opened.Value, address) : step;
        if (step.IsOk && IsItself(opened.Value, address))
        {
            step = SysResult.Failed(Errno.ECONNREFUSED);
        }

        if (step.IsOk)
        {
            DatagramCalls.SetReceiveBuffer(opened.Value, ReceiveBufferBytes);
            fd = opened.Value;
            return Errno.None;
        }

        PipeCalls.Close(opened.Value);
        return step.Error;
    }

    /// <summary>A UDP connect that finds no free port says EAGAIN (inet_autobind in the kernel's net/ipv4/af_inet.c).</summary>
    protected override bool IsOutOfPorts(Errno error) => base.IsOutOfPorts(error) || error is Errno.EAGAIN or Errno.EADDRINUSE;
}

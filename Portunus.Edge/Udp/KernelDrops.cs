using Portunus.Edge.Native;

namespace Portunus.Edge.Udp;

/// <summary>Follows how many datagrams the kernel has dropped at one socket, whose receive buffer was full.</summary>
internal struct KernelDrops
{
    private uint _seen;

    /// <summary>Those since the last look.</summary>
    public int Next(int fd)
    {
        var drops = DatagramCalls.ReceiveDrops(fd);
        var more = unchecked((int)(drops - _seen));
        if (more <= 0)
        {
            return 0;
        }

        _seen = drops;
        return more;
    }
}

using System.Runtime.InteropServices;

namespace Portunus.Edge.Native;

/// <summary>struct iovec (readv(2)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVec
{
    public byte* Start;
    public nuint Length;
}

/// <summary>
/// struct msghdr (recvmsg(2)) as glibc lays it out. musl has 32-bit counts with padding behind them; on little-endian machines
/// the two are the same as long as the upper halves are zero, which they are for our counts.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MsgHdr
{
    public SockAddr* Name;
    public uint NameLength;
    public IoVec* Parts;
    public nuint PartCount;
    public byte* Control;
    public nuint ControlLength;
    public int Flags;
}

/// <summary>struct mmsghdr (recvmmsg(2)): a message and how many bytes of it were moved.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MMsgHdr
{
    public MsgHdr Message;
    public uint Length;
}

using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Portunus.Load.Datagrams;

/// <summary>
/// Linux calls that .NET does not offer and the datagram loads need: sendmmsg(2), recvmmsg(2), nanosleep(2), prctl(2), setpriority(2).
/// Nothing else of this program calls the kernel directly.
/// </summary>
internal static unsafe partial class DatagramCalls
{
    private const int WaitForOne = 0x10000; // MSG_WAITFORONE
    private const int SetTimerSlack = 29; // PR_SET_TIMERSLACK
    private const int ThisThread = 0; // PRIO_PROCESS with id 0: on Linux the calling thread alone
    private const int Interrupted = 4; // EINTR
    private const int Again = 11; // EAGAIN
    private const int Refused = 111; // ECONNREFUSED, the answer to an earlier datagram
    private const int NoBuffers = 105; // ENOBUFS

    /// <summary>Sends messages in order; how many left.</summary>
    public static int Send(int socket, MessageHeader* messages, int count)
    {
        var sent = sendmmsg(socket, messages, (uint)count, 0);
        return sent >= 0 ? sent : Marshal.GetLastPInvokeError() is Interrupted or Again or Refused or NoBuffers ? 0 : throw new Win32Exception();
    }

    /// <summary>Waits for a message and takes those that are there; 0 when none came within the socket's receive timeout.</summary>
    public static int Receive(int socket, MessageHeader* messages, int count)
    {
        var received = recvmmsg(socket, messages, (uint)count, WaitForOne, null);
        return received >= 0 ? received : Marshal.GetLastPInvokeError() is Interrupted or Again or Refused ? 0 : throw new Win32Exception();
    }

    /// <summary>Lets the calling thread sleep as exactly as the machine can, and wait less for a CPU than the forwarders do.</summary>
    public static void PrepareThread(int nice)
    {
        // A thread that may not do better runs as it is: the rates that were really sent tell.
        _ = prctl(SetTimerSlack, 1, 0, 0, 0);
        _ = setpriority(ThisThread, 0, nice);
    }

    public static void Sleep(TimeSpan time)
    {
        var left = new TimeSpec { Seconds = (long)time.TotalSeconds, Nanoseconds = time.Ticks % TimeSpan.TicksPerSecond * 100 };
        _ = nanosleep(&left, null);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sendmmsg(int socket, MessageHeader* messages, uint count, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int recvmmsg(int socket, MessageHeader* messages, uint count, int flags, TimeSpec* timeout);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int nanosleep(TimeSpec* request, TimeSpec* remaining);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setpriority(int which, uint who, int priority);

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}

/// <summary>struct mmsghdr of 64-bit Linux: a msghdr and how many bytes of it were sent or received.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    public SourceAddress* Name;
    public uint NameLength;
    public IoVector* Vectors;
    public nuint VectorCount;
    public void* Control;
    public nuint ControlLength;
    public int Flags;
    private readonly uint _afterFlags;
    public uint Length;
    private readonly uint _afterLength;
}

/// <summary>struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    public byte* Base;
    public nuint Length;
}

/// <summary>struct sockaddr_in; port and address in network order.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SourceAddress
{
    public ushort Family;
    public ushort Port;
    public uint Address;
    private readonly ulong _zero;
}

/// <summary>A control message with IP_PKTINFO: which local address a datagram leaves from, ip(7).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LeaveFrom
{
    public nuint Length;
    public int Level;
    public int Type;
    public int Interface;
    public uint Source;
    public uint Destination;
    private readonly uint _padding;
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Portunus.Edge.Native;

/// <summary>
/// An array of struct epoll_event outside the managed heap. The struct is packed on x64 (12 bytes, data at 4) and not on
/// other machines (16 bytes, data at 8): epoll_ctl(2), EPOLL_PACKED in the kernel's eventpoll.h.
/// </summary>
internal sealed unsafe class EpollEvents : IDisposable
{
    public const int MaxStride = 16;

    private static readonly int s_stride = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int s_dataOffset = s_stride - sizeof(ulong);

    public EpollEvents(int capacity)
    {
        Capacity = capacity;
        Pointer = (byte*)NativeMemory.AllocZeroed((nuint)capacity, MaxStride);
    }

    public int Capacity { get; }

    public byte* Pointer { get; private set; }

    /// <summary>sizeof(struct epoll_event) on this machine.</summary>
    public static int Stride => s_stride;

    public static void Write(byte* at, uint events, ulong tag)
    {
        Unsafe.WriteUnaligned(at, events);
        Unsafe.WriteUnaligned(at + s_dataOffset, tag);
    }

    public uint EventsAt(int index) => Unsafe.ReadUnaligned<uint>(Pointer + (index * s_stride));

    public ulong TagAt(int index) => Unsafe.ReadUnaligned<ulong>(Pointer + (index * s_stride) + s_dataOffset);

    public void Dispose()
    {
        NativeMemory.Free(Pointer);
        Pointer = null;
    }
}

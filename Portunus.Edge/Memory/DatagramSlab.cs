using System.Runtime.InteropServices;
using Portunus.Edge.Native;

namespace Portunus.Edge.Memory;

/// <summary>
/// Slots for received datagrams outside the managed heap, with the headers that recvmmsg fills. Each slot takes the largest message
/// there is, several datagrams joined by the kernel included, so nothing is ever cut. Pages that no datagram reached cost nothing.
/// </summary>
internal sealed unsafe class DatagramSlab : IDisposable
{
    /// <summary>Datagrams of one call. More saves hardly a call and costs cache.</summary>
    public const int Slots = 32;

    // Slots an exact 64 KiB apart would begin in the same sets of the processor's caches and push each other out.
    private const int Stride = SlotLength + 2048;
    private const int SlotLength = 64 * 1024;
    private const int NameStride = 32;

    private readonly byte* _memory;
    private readonly MMsgHdr* _headers;
    private readonly IoVec* _parts;
    private readonly byte* _names;
    private readonly byte* _controls;
    private readonly byte* _payloads;

    public DatagramSlab()
    {
        var headerBytes = (nuint)(Slots * (sizeof(MMsgHdr) + sizeof(IoVec) + NameStride + ControlMessages.MaxLength));
        _memory = (byte*)NativeMemory.AlignedAlloc(headerBytes + ((nuint)Slots * Stride), 4096);
        NativeMemory.Clear(_memory, headerBytes);
        _headers = (MMsgHdr*)_memory;
        _parts = (IoVec*)(_headers + Slots);
        _names = (byte*)(_parts + Slots);
        _controls = _names + (Slots * NameStride);
        _payloads = _controls + (Slots * ControlMessages.MaxLength);
        for (var i = 0; i < Slots; i++)
        {
            _parts[i] = new IoVec { Start = PayloadAt(i), Length = SlotLength };
            _headers[i].Message.Parts = _parts + i;
            _headers[i].Message.PartCount = 1;
        }
    }

    /// <summary>
    /// Receives into slots <paramref name="first"/> and following; answers how many were filled.
    /// </summary>
    /// <param name="fd">A datagram socket.</param>
    /// <param name="first">The first slot.</param>
    /// <param name="count">Slots to fill at most.</param>
    /// <param name="withNames">Whether to ask who sent each: a connected socket knows, and is spared the copy.</param>
    /// <param name="controlLength">Room for control messages; 0 where the socket was asked for none.</param>
    public SysResult Receive(int fd, int first, int count, bool withNames, int controlLength)
    {
        // The kernel wrote lengths over the room it was given, so that is set anew.
        for (var i = first; i < first + count; i++)
        {
            ref var message = ref _headers[i].Message;
            message.Name = withNames ? (SockAddr*)(_names + (i * NameStride)) : null;
            message.NameLength = withNames ? SockAddr.MaxLength : 0u;
            message.Control = controlLength > 0 ? _controls + (i * ControlMessages.MaxLength) : null;
            message.ControlLength = (nuint)controlLength;
        }

        return DatagramCalls.ReceiveMany(fd, _headers + first, count);
    }

    public byte* PayloadAt(int slot) => _payloads + ((nint)slot * Stride);

    public int LengthAt(int slot) => (int)_headers[slot].Length;

    /// <summary>Who sent it; meaningless where names were not asked for.</summary>
    public ref readonly SockAddr NameAt(int slot) => ref *(SockAddr*)(_names + (slot * NameStride));

    public bool IsTruncatedAt(int slot) => (_headers[slot].Message.Flags & DatagramCalls.Truncated) != 0;

    public void ReadControlAt(int slot, out DatagramControl told)
    {
        ref readonly var message = ref _headers[slot].Message;
        ControlMessages.Read(message.Control, message.ControlLength, out told);
    }

    public void Dispose() => NativeMemory.AlignedFree(_memory);
}

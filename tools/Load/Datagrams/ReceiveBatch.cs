using System.Runtime.InteropServices;

namespace Portunus.Load.Datagrams;

/// <summary>Room for as many datagrams as one call of the sink takes.</summary>
internal sealed unsafe class ReceiveBatch : IDisposable
{
    public const int Count = 64;

    // More than the largest datagram of a load, so that one which grew on the way is seen; the odd lines keep the slots apart in the caches.
    private const int Slot = 8192 + 192;
    private const int Truncated = 0x20; // MSG_TRUNC
    private readonly MessageHeader* _messages = (MessageHeader*)NativeMemory.AllocZeroed(Count, (nuint)sizeof(MessageHeader));
    private readonly IoVector* _vectors = (IoVector*)NativeMemory.AllocZeroed(Count, (nuint)sizeof(IoVector));
    private readonly SourceAddress* _sources = (SourceAddress*)NativeMemory.AllocZeroed(Count, (nuint)sizeof(SourceAddress));
    private readonly byte* _bytes = (byte*)NativeMemory.AllocZeroed(Count, Slot);

    public ReceiveBatch()
    {
        for (var index = 0; index < Count; index++)
        {
            _vectors[index] = new IoVector { Base = _bytes + (index * Slot), Length = Slot };
            _messages[index] = new MessageHeader { Name = _sources + index, Vectors = _vectors + index, VectorCount = 1 };
        }
    }

    /// <summary>Takes what is there into the count; how many that were.</summary>
    public int Receive(int socket, SinkCount count)
    {
        for (var index = 0; index < Count; index++)
        {
            _messages[index].NameLength = (uint)sizeof(SourceAddress);
            _messages[index].Flags = 0;
        }

        var received = DatagramCalls.Receive(socket, _messages, Count);
        for (var index = 0; index < received; index++)
        {
            // A truncated one has lost its tail and counts as foreign.
            var length = (_messages[index].Flags & Truncated) != 0 ? 0 : (int)_messages[index].Length;
            count.Take(new ReadOnlySpan<byte>(_bytes + (index * Slot), length), _sources[index].Address, _sources[index].Port);
        }

        return received;
    }

    public void Dispose()
    {
        NativeMemory.Free(_messages);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_sources);
        NativeMemory.Free(_bytes);
    }
}

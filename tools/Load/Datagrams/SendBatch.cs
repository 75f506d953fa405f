using System.Net;
using System.Runtime.InteropServices;

namespace Portunus.Load.Datagrams;

/// <summary>A burst of datagrams to one place from the sources that are next, in native memory: nothing is made while sending.</summary>
internal sealed unsafe class SendBatch : IDisposable
{
    private const ushort Internet = 2; // AF_INET
    private const int PacketInfo = 8; // IP_PKTINFO
    private readonly MessageHeader* _messages;
    private readonly IoVector* _vectors;
    private readonly LeaveFrom* _sources;
    private readonly SourceAddress* _target;
    private readonly byte* _bytes;
    private readonly int _size;
    private readonly int _flows;

    public SendBatch(int port, int size, int flows)
    {
        (_size, _flows) = (size, flows);
        _messages = (MessageHeader*)NativeMemory.AllocZeroed(Pace.MostAtOnce, (nuint)sizeof(MessageHeader));
        _vectors = (IoVector*)NativeMemory.AllocZeroed(Pace.MostAtOnce, (nuint)sizeof(IoVector));
        _sources = (LeaveFrom*)NativeMemory.AllocZeroed(Pace.MostAtOnce, (nuint)sizeof(LeaveFrom));
        _target = (SourceAddress*)NativeMemory.AllocZeroed(1, (nuint)sizeof(SourceAddress));
        _bytes = (byte*)NativeMemory.AllocZeroed(Pace.MostAtOnce, (nuint)size);
        *_target = new SourceAddress { Family = Internet, Port = SourceList.PortBytes(port), Address = BitConverter.ToUInt32(IPAddress.Loopback.GetAddressBytes()) };
        for (var index = 0; index < Pace.MostAtOnce; index++)
        {
            _vectors[index] = new IoVector { Base = _bytes + (index * size), Length = (nuint)size };
            _sources[index] = new LeaveFrom { Length = (nuint)sizeof(LeaveFrom) - 4, Level = 0, Type = PacketInfo };
            _messages[index] = new MessageHeader
            {
                Name = _target,
                NameLength = (uint)sizeof(SourceAddress),
                Vectors = _vectors + index,
                VectorCount = 1,
                Control = _sources + index,
                ControlLength = (nuint)sizeof(LeaveFrom),
            };
        }
    }

    /// <summary>Sends <paramref name="count"/> datagrams numbered from <paramref name="first"/>; how many left, from the first on.</summary>
    public int Send(int socket, uint run, long first, int count)
    {
        for (var index = 0; index < count; index++)
        {
            Put(index, run, first + index);
        }

        return DatagramCalls.Send(socket, _messages, count);
    }

    /// <summary>Sends one of any number.</summary>
    public bool SendOne(int socket, uint run, long number)
    {
        Put(0, run, number);
        return DatagramCalls.Send(socket, _messages, 1) == 1;
    }

    public void Dispose()
    {
        NativeMemory.Free(_messages);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_sources);
        NativeMemory.Free(_target);
        NativeMemory.Free(_bytes);
    }

    private void Put(int index, uint run, long number)
    {
        new Stamp(run, (ulong)number).Write(new Span<byte>(_bytes + (index * _size), _size));
        _sources[index].Source = SourceList.Bytes((int)(number % _flows));
    }
}

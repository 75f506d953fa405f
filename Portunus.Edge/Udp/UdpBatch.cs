using System.Runtime.InteropServices;
using Portunus.Edge.Native;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Udp;

/// <summary>
/// Datagrams on their way out by one socket. What follows one another to one place and in one size, the last perhaps shorter, is
/// a run and leaves as one message that the kernel cuts (UDP_SEGMENT): at 1,200 bytes that took 4.2 µs of CPU a datagram
/// where sendmmsg took 6.4. Each datagram given to it is counted once, as sent or as dropped. Payloads stay where they are.
/// </summary>
internal sealed unsafe class UdpBatch : IDisposable
{
    /// <summary>Room for a PROXY header of version 2.</summary>
    public const int PreludeRoom = 64;

    private const int MaxMessages = 64;
    private const int MaxParts = 4 * MaxMessages;
    private const int NameStride = 32;

    private readonly byte* _memory;
    private readonly MMsgHdr* _headers;
    private readonly IoVec* _parts;
    private readonly byte* _names;
    private readonly byte* _controls;
    private readonly DatagramRun[] _runs = new DatagramRun[MaxMessages];
    private readonly PlainSend _plain = new();
    private bool _isIn;
    private ushort _family;
    private int _count;
    private int _partCount;
    private bool _isExtensible;
    private bool _hasFlushed;
    private Errno _gone;

    public UdpBatch()
    {
        var bytes = (nuint)((MaxMessages * (sizeof(MMsgHdr) + NameStride + ControlMessages.MaxLength)) + (MaxParts * sizeof(IoVec)) + PreludeRoom);
        _memory = (byte*)NativeMemory.AllocZeroed(bytes);
        _headers = (MMsgHdr*)_memory;
        _parts = (IoVec*)(_headers + MaxMessages);
        _names = (byte*)(_parts + MaxParts);
        _controls = _names + (MaxMessages * NameStride);
        Prelude = _controls + (MaxMessages * ControlMessages.MaxLength);
    }

    /// <summary>Where the caller writes what stands before a payload; it holds until the next <see cref="Flush"/>.</summary>
    public byte* Prelude { get; }

    public int Fd { get; private set; } = -1;

    public bool IsEmpty => _count == 0;

    /// <summary>Begins to gather for a connected upstream socket; the batch is empty.</summary>
    public void BeginIn(int fd)
    {
        Fd = fd;
        _isIn = true;
    }

    /// <summary>Begins to gather answers for a listening socket, each with the flow's source as its name; the batch is empty.</summary>
    public void BeginOut(int fd, ushort family)
    {
        Fd = fd;
        _family = family;
        _isIn = false;
    }

    /// <summary>Adds datagrams of one size that lie one behind the other, the last perhaps shorter.</summary>
    /// <param name="flow">Whose they are.</param>
    /// <param name="payload">Valid until the batch is flushed.</param>
    /// <param name="length">Bytes of all of them.</param>
    /// <param name="size">Bytes of each; where it is not below <paramref name="length"/>, there is one.</param>
    public void Add(UdpFlow flow, byte* payload, int length, int size)
    {
        if (size >= length)
        {
            AddPiece(flow, payload, length, length, 1);
            return;
        }

        // The kernel joins more than it takes back in one piece.
        var most = size < flow.SegmentBelow ? Math.Max(1, Math.Min(DatagramCalls.MaxSegments, DatagramCalls.MaxSegmentedBytes / size)) * size : size;
        for (var at = 0; at < length; at += most)
        {
            var piece = Math.Min(most, length - at);
            AddPiece(flow, payload + at, piece, Math.Min(size, piece), ((piece - 1) / size) + 1);
        }
    }

    /// <summary>Adds one datagram that begins with the first <paramref name="preludeLength"/> bytes of <see cref="Prelude"/>.</summary>
    public void AddWithPrelude(UdpFlow flow, int preludeLength, byte* payload, int length)
    {
        var whole = preludeLength + length;
        var run = Extend(flow, whole, whole, 1, parts: 2);
        _parts[_partCount++] = new IoVec { Start = Prelude, Length = (nuint)preludeLength };
        _parts[_partCount++] = new IoVec { Start = payload, Length = (nuint)length };
        Took(run, whole, length, 1, parts: 2);
    }

    /// <summary>
    /// Sends what was gathered. An error that says the target is gone is answered: what had not gone out by then is dropped as
    /// unreachable, unless nothing had and <c>mayRetry</c>, when all of it is left uncounted for another flow.
    /// </summary>
    public Errno Flush() => Flush(mayRetry: false, out _);

    /// <inheritdoc cref="Flush()"/>
    public Errno Flush(bool mayRetry, out bool isUncounted)
    {
        isUncounted = false;
        var count = _count;
        var gone = _gone;
        mayRetry &= !_hasFlushed;
        var at = 0;
        while (at < count)
        {
            var sent = Send(at, count - at);
            if (sent.IsOk)
            {
                for (var end = at + sent.Value; at < end; at++)
                {
                    _runs[at].Sent(_isIn);
                }

                continue;
            }

            var error = sent.Error;
            if (_isIn && error.IsUnreachable())
            {
                gone = error;
                isUncounted = at == 0 && mayRetry;
                if (!isUncounted)
                {
                    DropFrom(at, count, DatagramDrop.Unreachable);
                }

                break;
            }

            if (error is Errno.EAGAIN or Errno.ENOBUFS or Errno.ENOMEM)
            {
                DropFrom(at, count, DatagramDrop.SendBufferFull);
                break;
            }

            if (error == Errno.EMSGSIZE || (_runs[at].Datagrams > 1 && error is Errno.EINVAL or Errno.EIO or Errno.EOPNOTSUPP))
            {
                var stopped = SendPlainly(at);
                if (stopped != Errno.None)
                {
                    gone = stopped;
                    DropFrom(at + 1, count, DatagramDrop.Unreachable);
                    break;
                }
            }
            else
            {
                _runs[at].Dropped(_isIn, DropReasons.Of(error));
            }

            at++;
        }

        Clear(count);
        return gone;
    }

    /// <summary>Gives up what was gathered, because of an error of ours.</summary>
    public void Abandon()
    {
        DropFrom(0, _count, DatagramDrop.Fault);
        Clear(_count);
    }

    public void Dispose()
    {
        NativeMemory.Free(_memory);
        _plain.Dispose();
    }

    private void AddPiece(UdpFlow flow, byte* payload, int length, int size, int datagrams)
    {
        var run = Extend(flow, length, size, datagrams, parts: 1);
        _parts[_partCount++] = new IoVec { Start = payload, Length = (nuint)length };
        Took(run, length, length, datagrams, parts: 1);
        _isExtensible = _isExtensible && length == size * datagrams;
    }

    /// <summary>The run that the next datagrams belong to: the last one where they fit, else a new one.</summary>
    private int Extend(UdpFlow flow, int length, int size, int datagrams, int parts)
    {
        if (_isExtensible)
        {
            ref readonly var last = ref _runs[_count - 1];
            var fits = last.Flow == flow && (datagrams == 1 ? length <= last.Size && length > 0 : size == last.Size)
                && last.Bytes + length <= DatagramCalls.MaxSegmentedBytes && last.Datagrams + datagrams <= DatagramCalls.MaxSegments
                && _partCount + parts <= MaxParts;
            if (fits)
            {
                _isExtensible = size == last.Size;
                return _count - 1;
            }
        }

        if (_count == MaxMessages || _partCount + parts > MaxParts)
        {
            FlushToMakeRoom();
        }

        ref var message = ref _headers[_count].Message;
        message.Parts = _parts + _partCount;
        message.PartCount = 0;
        _runs[_count] = new DatagramRun { Flow = flow, Size = size };
        _isExtensible = size > 0 && size < flow.SegmentBelow;
        return _count++;
    }

    /// <summary>What this meets is told at the next flush.</summary>
    private void FlushToMakeRoom()
    {
        _gone = Flush();
        _hasFlushed = true;
    }

    private void Took(int index, int bytes, int payloadBytes, int datagrams, int parts)
    {
        ref var run = ref _runs[index];
        run.Bytes += bytes;
        run.PayloadBytes += payloadBytes;
        run.Datagrams += datagrams;
        _headers[index].Message.PartCount += (nuint)parts;
    }

    private SysResult Send(int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            Address(i);
        }

        if (count > 1)
        {
            return DatagramCalls.SendMany(Fd, _headers + first, count);
        }

        ref var message = ref _headers[first].Message;
        var sent = message.Name is null && message.ControlLength == 0 && message.PartCount == 1
            ? SocketCalls.Send(Fd, message.Parts->Start, (int)message.Parts->Length)
            : DatagramCalls.SendOne(Fd, (MsgHdr*)(_headers + first));
        return sent.IsOk ? SysResult.From(1) : sent;
    }

    /// <summary>Completes a message's header: where to, from which address, and at which size to cut.</summary>
    private void Address(int index)
    {
        ref readonly var run = ref _runs[index];
        ref var message = ref _headers[index].Message;
        var control = _controls + (index * ControlMessages.MaxLength);
        var length = 0;
        message.Name = null;
        message.NameLength = 0;
        if (!_isIn && run.Flow is { } flow)
        {
            ref readonly var key = ref flow.Key;
            var name = (SockAddr*)(_names + (index * NameStride));
            *name = key.Source();
            message.Name = name;
            message.NameLength = (uint)name->Length;
            length = key.HasLocal ? ControlMessages.WriteLocal(control, _family, key.LocalHigh, key.LocalLow) : 0;
        }

        if (run.Datagrams > 1)
        {
            length += ControlMessages.WriteSegment(control + length, run.Size);
        }

        message.Control = length > 0 ? control : null;
        message.ControlLength = (nuint)length;
    }

    /// <summary>
    /// A segmented message was refused (EMSGSIZE, or EINVAL and EIO on some devices), or a single datagram as too big, which may be
    /// the echo of an ICMP message about an earlier one: its datagrams go out one by one, and the size is remembered.
    /// </summary>
    private Errno SendPlainly(int index)
    {
        ref var run = ref _runs[index];
        if (run.Flow is { } flow && run.Datagrams > 1)
        {
            flow.SegmentBelow = Math.Min(flow.SegmentBelow, run.Size);
        }

        ref var message = ref _headers[index].Message;
        if (run.Datagrams > 1)
        {
            message.ControlLength -= ControlMessages.SegmentLength;
            message.Control = message.ControlLength > 0 ? message.Control : null;
        }

        return _plain.Send(Fd, message, run, _isIn);
    }

    private void DropFrom(int first, int end, DatagramDrop reason)
    {
        for (var i = first; i < end; i++)
        {
            _runs[i].Dropped(_isIn, reason);
        }
    }

    private void Clear(int count)
    {
        _runs.AsSpan(0, count).Clear();
        _count = 0;
        _partCount = 0;
        _isExtensible = false;
        _gone = Errno.None;
        _hasFlushed = false;
    }
}

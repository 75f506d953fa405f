using Portunus.Edge.Limits;
using Portunus.Edge.Native;
using Portunus.Edge.Relay;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Udp;

/// <summary>
/// What the datagrams of one flow pass on their way in: the wait for a name, the limits of rule and owner, the PROXY header. Part of
/// its flow and used again with it.
/// </summary>
internal sealed class UdpWayIn(UdpFlow flow)
{
    private FirstDatagrams? _first;
    private ProxyHeaderVersion _prelude;
    private bool _preludeGiven;

    // What became of the batch being gathered, until it is known whether the flow still was the one to send it.
    private int _overLimit;
    private int _tooBig;
    private long _takenBytes;

    /// <summary>There is a target, which wants this header.</summary>
    public void Open(ProxyHeaderVersion prelude) => _prelude = prelude;

    /// <summary>Keeps a copy of datagrams until there is a target to send them to.</summary>
    public unsafe void Keep(byte* payload, int length, int segmentSize)
    {
        _first ??= new FirstDatagrams();
        var size = segmentSize > 0 ? Math.Min(segmentSize, length) : length;
        var at = 0;
        do
        {
            var one = Math.Min(size, length - at);
            if (flow.Home.WaitingBytes + one <= UdpLoop.MostWaitingBytes && _first.TryAdd(new ReadOnlySpan<byte>(payload + at, one)))
            {
                flow.Home.WaitingBytes += one;
            }
            else
            {
                flow.Dropped(isIn: true, DatagramDrop.QueueFull, 1);
            }

            at += one;
        }
        while (at < length);
    }

    /// <summary>
    /// Puts datagrams from the source into a batch, less what the limits refuse; after the batch is flushed comes
    /// <see cref="Settle"/> or <see cref="TakeBack"/>.
    /// </summary>
    public unsafe void Gather(UdpBatch batch, byte* payload, int length, int segmentSize, long now)
    {
        var size = segmentSize > 0 ? Math.Min(segmentSize, length) : length;
        var limits = flow.Limits?.In;
        if (limits is null && _prelude == ProxyHeaderVersion.None)
        {
            batch.Add(flow, payload, length, size);
            return;
        }

        var at = 0;
        do
        {
            var one = Math.Min(size, length - at);
            GatherOne(batch, payload + at, one, limits, now);
            at += one;
        }
        while (at < length);
    }

    /// <summary>A datagram with the header went out.</summary>
    public void Introduced()
    {
        if (_prelude == ProxyHeaderVersion.V2)
        {
            _prelude = ProxyHeaderVersion.None;
        }
    }

    /// <summary>The batch has been sent or dropped, so what was refused before it is counted as well.</summary>
    public void Settle()
    {
        if (_overLimit > 0)
        {
            flow.Dropped(isIn: true, DatagramDrop.Bandwidth, _overLimit);
        }

        if (_tooBig > 0)
        {
            flow.Dropped(isIn: true, DatagramDrop.TooBig, _tooBig);
        }

        Forget();
    }

    /// <summary>Another flow sends the whole batch: it asks the limits again, so they get back what they granted.</summary>
    public void TakeBack()
    {
        if (_takenBytes > 0)
        {
            flow.Limits?.In?.Return(_takenBytes);
        }

        Forget();
    }

    /// <summary>Sends what waited for the name; true when the kernel says that the target is gone.</summary>
    public unsafe bool SendFirst(int fd, long now)
    {
        if (_first is not { } first)
        {
            return false;
        }

        _first = null;
        flow.Home.WaitingBytes -= first.Bytes;
        var batch = flow.Home.Inbox.Batch;
        var isGone = false;
        for (var i = 0; i < first.Count; i++)
        {
            if (isGone)
            {
                flow.Dropped(isIn: true, DatagramDrop.Unreachable, 1);
                continue;
            }

            fixed (byte* payload = first[i])
            {
                batch.BeginIn(fd);
                Gather(batch, payload, first[i].Length, 0, now);
                isGone = batch.Flush() != Errno.None;
                Settle();
            }
        }

        return isGone;
    }

    /// <summary>There will be no target for what waited.</summary>
    public void DropFirst(DatagramDrop reason)
    {
        if (_first is { } first)
        {
            flow.Home.WaitingBytes -= first.Bytes;
            flow.Dropped(isIn: true, reason, first.Count);
            _first = null;
        }
    }

    /// <summary>The flow is over.</summary>
    public void Reset()
    {
        _first = null;
        _prelude = ProxyHeaderVersion.None;
        Forget();
    }

    private unsafe void GatherOne(UdpBatch batch, byte* payload, int length, ByteLimits? limits, long now)
    {
        var preludeLength = WantsPrelude ? WritePrelude(batch) : 0;
        if (preludeLength > 0 && preludeLength + length > DatagramCalls.MaxPayload)
        {
            _tooBig++;
            return;
        }

        if (limits is not null)
        {
            if (!limits.TakeWhole(length, now))
            {
                _overLimit++;
                return;
            }

            _takenBytes += length;
        }

        if (preludeLength > 0)
        {
            _preludeGiven = true;
            batch.AddWithPrelude(flow, preludeLength, payload, length);
        }
        else
        {
            batch.Add(flow, payload, length, length);
        }
    }

    private bool WantsPrelude => _prelude == ProxyHeaderVersion.V2Each || (_prelude == ProxyHeaderVersion.V2 && !_preludeGiven);

    private unsafe int WritePrelude(UdpBatch batch) =>
        ProxyHeader.WriteDatagram(flow.Key.Source(), flow.Local, new Span<byte>(batch.Prelude, UdpBatch.PreludeRoom));

    private void Forget()
    {
        _preludeGiven = false;
        _overLimit = 0;
        _tooBig = 0;
        _takenBytes = 0;
    }
}

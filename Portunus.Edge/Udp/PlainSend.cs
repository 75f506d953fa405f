using System.Runtime.InteropServices;
using Portunus.Edge.Native;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Udp;

/// <summary>Sends a run that the kernel would not cut datagram by datagram, counting each. Cold: once for a flow and a size.</summary>
internal sealed unsafe class PlainSend : IDisposable
{
    // Payload and header of each datagram.
    private const int PartsEach = 2;

    private readonly MMsgHdr* _headers = (MMsgHdr*)NativeMemory.AllocZeroed(
        (nuint)(DatagramCalls.MaxSegments * (sizeof(MMsgHdr) + (PartsEach * sizeof(IoVec)))));

    private IoVec* Parts => (IoVec*)(_headers + DatagramCalls.MaxSegments);

    /// <summary>Answers the error that says the target is gone; whatever it stopped is dropped as unreachable.</summary>
    public Errno Send(int fd, in MsgHdr whole, in DatagramRun run, bool isIn)
    {
        Cut(whole, run);
        var preludeEach = (run.Bytes - run.PayloadBytes) / run.Datagrams;
        // A single datagram comes here because it was refused once already.
        var retried = run.Datagrams == 1;
        for (var at = 0; at < run.Datagrams;)
        {
            var sent = DatagramCalls.SendMany(fd, _headers + at, run.Datagrams - at);
            if (sent.IsOk)
            {
                for (var end = at + sent.Value; at < end; at++)
                {
                    run.Flow?.Sent(isIn, (int)_headers[at].Length - preludeEach, 1);
                }

                if (preludeEach > 0)
                {
                    run.Flow?.WayIn.Introduced();
                }

                retried = false;
                continue;
            }

            if (isIn && sent.Error.IsUnreachable())
            {
                run.Flow?.Dropped(isIn, DatagramDrop.Unreachable, run.Datagrams - at);
                return sent.Error;
            }

            if (sent.Error is Errno.EAGAIN or Errno.ENOBUFS or Errno.ENOMEM)
            {
                run.Flow?.Dropped(isIn, DatagramDrop.SendBufferFull, run.Datagrams - at);
                break;
            }

            if (sent.Error == Errno.EMSGSIZE && !retried)
            {
                // It may be what an ICMP message about an earlier datagram left on the socket, which the call has taken off it.
                retried = true;
                continue;
            }

            run.Flow?.Dropped(isIn, DropReasons.Of(sent.Error), 1);
            retried = false;
            at++;
        }

        return Errno.None;
    }

    public void Dispose() => NativeMemory.Free(_headers);

    private void Cut(in MsgHdr whole, in DatagramRun run)
    {
        var parts = Parts;
        var source = 0;
        var offset = (nuint)0;
        var next = 0;
        for (var i = 0; i < run.Datagrams; i++)
        {
            var left = (nuint)Math.Min(run.Size, run.Bytes - (i * run.Size));
            ref var message = ref _headers[i].Message;
            message = whole;
            message.Parts = parts + next;
            message.PartCount = 0;
            while (left > 0)
            {
                ref readonly var part = ref whole.Parts[source];
                var taken = Math.Min(left, part.Length - offset);
                parts[next++] = new IoVec { Start = part.Start + offset, Length = taken };
                message.PartCount++;
                left -= taken;
                offset += taken;
                if (offset == part.Length)
                {
                    source++;
                    offset = 0;
                }
            }
        }
    }
}

namespace Portunus.Load.Datagrams;

/// <summary>
/// What a sink makes of the datagrams of one run. Each number may come once; numbers of a flow come in order; and a source of the
/// forwarder's carries one flow only.
/// </summary>
internal sealed class SinkCount(uint run, int flows, int size, long most)
{
    private readonly ulong[] _seen = new ulong[(most + 63) / 64];
    private readonly long[] _last = Filled(flows);
    private readonly int[] _flowOfPort = Filled32(ushort.MaxValue + 1);

    /// <summary>Different datagrams of the run that arrived whole.</summary>
    public long Received { get; private set; }

    public long Doubled { get; private set; }

    /// <summary>Datagrams overtaken by a later one of their flow.</summary>
    public long Reordered { get; private set; }

    /// <summary>Datagrams that came by a leg of another flow.</summary>
    public long Misrouted { get; private set; }

    /// <summary>Datagrams that nobody sent like that.</summary>
    public long Foreign { get; private set; }

    /// <summary>Datagrams of an earlier run.</summary>
    public long Late { get; private set; }

    /// <param name="datagram">As it arrived.</param>
    /// <param name="address">Where it came from, as the bytes lie in memory.</param>
    /// <param name="port">Likewise.</param>
    public void Take(ReadOnlySpan<byte> datagram, uint address, ushort port)
    {
        if (!Stamp.TryRead(datagram, out var stamp))
        {
            Foreign++;
            return;
        }

        if (stamp.Run != run)
        {
            Late++;
            return;
        }

        if (datagram.Length != size || stamp.Number >= (ulong)most)
        {
            Foreign++;
            return;
        }

        var number = (long)stamp.Number;
        var bit = 1UL << (int)(number & 63);
        if ((_seen[number >> 6] & bit) != 0)
        {
            Doubled++;
            return;
        }

        _seen[number >> 6] |= bit;
        Received++;
        var flow = (int)(number % flows);
        if (number < _last[flow])
        {
            Reordered++;
        }
        else
        {
            _last[flow] = number;
        }

        if (!IsRightWay(flow, address, port))
        {
            Misrouted++;
        }
    }

    /// <summary>Without a forwarder the source is the sender's own; else the first flow that a port carries is its flow.</summary>
    private bool IsRightWay(int flow, uint address, ushort port)
    {
        if (port == SourceList.PortBytes(SourceList.Port))
        {
            return address == SourceList.Bytes(flow);
        }

        if (_flowOfPort[port] < 0)
        {
            _flowOfPort[port] = flow;
        }

        return _flowOfPort[port] == flow;
    }

    private static long[] Filled(int count)
    {
        var numbers = new long[count];
        numbers.AsSpan().Fill(-1);
        return numbers;
    }

    private static int[] Filled32(int count)
    {
        var numbers = new int[count];
        numbers.AsSpan().Fill(-1);
        return numbers;
    }
}

using Portunus.Shared.Rules;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Metering;

/// <summary>Everything one loop counts about one rule. One writer, the loop; see <see cref="FlowCounters"/>.</summary>
internal sealed class RuleCounters
{
    private static readonly int s_reasons = Enum.GetValues<FlowEnd>().Length;
    private static readonly int s_drops = Enum.GetValues<DatagramDrop>().Length;

    private readonly long[] _ends = new long[s_reasons];
    private readonly long[] _dropsIn = new long[s_drops];
    private readonly long[] _dropsOut = new long[s_drops];
    private FlowCounters[] _targets = [];
    private Dictionary<int, FlowCounters> _ports = [];

    public long Accepted;
    public long ThrottlesIn;
    public long ThrottlesOut;
    public long TargetChanges;
    public long NameFailures;

    public void Ended(FlowEnd reason) => _ends[(int)reason]++;

    public long Ends(FlowEnd reason) => Volatile.Read(ref _ends[(int)reason]);

    /// <summary>Datagrams from the connecting side that were not passed on.</summary>
    public void DroppedIn(DatagramDrop reason, long count = 1) => _dropsIn[(int)reason] += count;

    /// <summary>Datagrams from the target that were not passed on.</summary>
    public void DroppedOut(DatagramDrop reason, long count = 1) => _dropsOut[(int)reason] += count;

    public long DropsIn(DatagramDrop reason) => Volatile.Read(ref _dropsIn[(int)reason]);

    public long DropsOut(DatagramDrop reason) => Volatile.Read(ref _dropsOut[(int)reason]);

    /// <summary>Counters of a target by its number within the rule; made at first use.</summary>
    public FlowCounters Target(int number)
    {
        if (number < _targets.Length)
        {
            return _targets[number];
        }

        // Copied, not resized in place: a reader goes on with the array it has.
        var grown = new FlowCounters[number + 1];
        _targets.CopyTo(grown, 0);
        for (var i = _targets.Length; i < grown.Length; i++)
        {
            grown[i] = new FlowCounters();
        }

        Volatile.Write(ref _targets, grown);
        return grown[number];
    }

    /// <summary>Makes the counters of ports about to be listened on; those there already go on counting.</summary>
    public void OpenPorts(PortRange ports)
    {
        var grown = new Dictionary<int, FlowCounters>(_ports);
        for (var port = ports.First; port <= ports.Last; port++)
        {
            grown.TryAdd(port, new FlowCounters());
        }

        Volatile.Write(ref _ports, grown);
    }

    /// <summary>Counters of a port that has been opened.</summary>
    public FlowCounters Port(int port) => _ports[port];

    /// <summary>Adds all that only grows to <paramref name="sum"/>, and the open flows to <paramref name="active"/>; any thread.</summary>
    public void AddUp(ref long sum, ref long active)
    {
        var traffic = ReadAll();
        sum += traffic.BytesIn + traffic.BytesOut + traffic.FlowsOpened + traffic.DatagramsIn + traffic.DatagramsOut;
        active += traffic.FlowsActive;
        sum += Volatile.Read(ref Accepted) + Volatile.Read(ref TargetChanges) + Volatile.Read(ref NameFailures);
        foreach (var counts in new ReadOnlySpan<long[]>([_ends, _dropsIn, _dropsOut]))
        {
            for (var i = 0; i < counts.Length; i++)
            {
                sum += Volatile.Read(ref counts[i]);
            }
        }
    }

    /// <summary>What this loop counted for a target; any thread.</summary>
    public TrafficCount ReadTarget(int number)
    {
        var targets = Volatile.Read(ref _targets);
        return number < targets.Length ? targets[number].Read() : default;
    }

    /// <summary>What this loop counted for a port; any thread.</summary>
    public TrafficCount ReadPort(int port) => Volatile.Read(ref _ports).TryGetValue(port, out var counters) ? counters.Read() : default;

    /// <summary>What this loop counted over all ports, closed ones included; any thread.</summary>
    public TrafficCount ReadAll()
    {
        var sum = default(TrafficCount);
        foreach (var counters in Volatile.Read(ref _ports).Values)
        {
            sum += counters.Read();
        }

        return sum;
    }
}

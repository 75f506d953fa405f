using Portunus.Shared.Rules;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Metering;

/// <summary>
/// Everything one loop counts about one rule. The rule's own numbers lie in a <see cref="CounterRecord"/>, which may outlive the
/// process; those of its ports and targets do not. One writer, the loop.
/// </summary>
internal sealed unsafe class RuleCounters
{
    // Where late counts of rules that have stopped go; nobody reads it.
    private static readonly CounterRecord s_nowhere = new CounterMemory().Take(default, null, 0);

    private CounterRecord _record;
    private long* _numbers;
    private FlowCounters[] _targets = [];
    private Dictionary<int, FlowCounters> _ports = [];

    public RuleCounters(CounterRecord record)
    {
        _record = record;
        _numbers = record.Numbers;
    }

    /// <summary>Counts for nobody else to see.</summary>
    public RuleCounters()
        : this(new CounterMemory().Take(default, null, 0))
    {
    }

    public ref long BytesIn => ref _numbers[CounterFormat.BytesIn];

    public ref long BytesOut => ref _numbers[CounterFormat.BytesOut];

    public ref long FlowsOpened => ref _numbers[CounterFormat.FlowsOpened];

    public ref long FlowsActive => ref _numbers[CounterFormat.FlowsActive];

    public ref long DatagramsIn => ref _numbers[CounterFormat.DatagramsIn];

    public ref long DatagramsOut => ref _numbers[CounterFormat.DatagramsOut];

    public ref long Accepted => ref _numbers[CounterFormat.Accepted];

    public ref long ThrottlesIn => ref _numbers[CounterFormat.ThrottlesIn];

    public ref long ThrottlesOut => ref _numbers[CounterFormat.ThrottlesOut];

    public ref long TargetChanges => ref _numbers[CounterFormat.TargetChanges];

    public ref long NameFailures => ref _numbers[CounterFormat.NameFailures];

    public void Ended(FlowEnd reason) => _numbers[CounterFormat.Ends + (int)reason]++;

    public long Ends(FlowEnd reason) => Volatile.Read(ref _numbers[CounterFormat.Ends + (int)reason]);

    /// <summary>Datagrams from the connecting side that were not passed on.</summary>
    public void DroppedIn(DatagramDrop reason, long count = 1) => _numbers[CounterFormat.Current.DropsIn + (int)reason] += count;

    /// <summary>Datagrams from the target that were not passed on.</summary>
    public void DroppedOut(DatagramDrop reason, long count = 1) => _numbers[CounterFormat.Current.DropsOut + (int)reason] += count;

    public long DropsIn(DatagramDrop reason) => Volatile.Read(ref _numbers[CounterFormat.Current.DropsIn + (int)reason]);

    public long DropsOut(DatagramDrop reason) => Volatile.Read(ref _numbers[CounterFormat.Current.DropsOut + (int)reason]);

    /// <summary>Counts into another record from now on, which takes over the open flows. On the loop's thread.</summary>
    public void MoveTo(CounterRecord record)
    {
        if (record != _record)
        {
            record.Numbers[CounterFormat.FlowsActive] += _numbers[CounterFormat.FlowsActive];
            _numbers[CounterFormat.FlowsActive] = 0;
            _record = record;
            _numbers = record.Numbers;
        }
    }

    /// <summary>The rule has stopped: its record may be another's soon. On the loop's thread.</summary>
    public void Leave()
    {
        _record = s_nowhere;
        _numbers = s_nowhere.Numbers;
    }

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

    /// <summary>What this loop counted for a target; any thread.</summary>
    public TrafficCount ReadTarget(int number)
    {
        var targets = Volatile.Read(ref _targets);
        return number < targets.Length ? targets[number].Read() : default;
    }

    /// <summary>What this loop counted for a port; any thread.</summary>
    public TrafficCount ReadPort(int port) => Volatile.Read(ref _ports).TryGetValue(port, out var counters) ? counters.Read() : default;

    /// <summary>What this loop counted of the rule under its owner of now; any thread.</summary>
    public TrafficCount ReadAll()
    {
        var record = _record;
        return new TrafficCount(
            record.Read(CounterFormat.BytesIn),
            record.Read(CounterFormat.BytesOut),
            record.Read(CounterFormat.FlowsOpened),
            record.Read(CounterFormat.FlowsActive),
            record.Read(CounterFormat.DatagramsIn),
            record.Read(CounterFormat.DatagramsOut));
    }
}

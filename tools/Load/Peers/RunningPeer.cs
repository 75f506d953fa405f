using Portunus.Load.Machine;

namespace Portunus.Load.Peers;

/// <summary>A forwarder's process while it runs. Ending it ends its workers too.</summary>
internal sealed class RunningPeer : IAsyncDisposable
{
    private readonly ChildProcess _process;

    private RunningPeer(PeerSpec spec, ChildProcess process, TimeSpan start)
    {
        Spec = spec;
        _process = process;
        StartTime = start;
    }

    public PeerSpec Spec { get; }

    /// <summary>From the moment before exec until the last of its ports listened.</summary>
    public TimeSpan StartTime { get; }

    /// <summary>Starts it and waits until every port in <paramref name="ports"/> listens.</summary>
    public static async Task<RunningPeer> StartAsync(
        PeerSpec spec, string program, IReadOnlyList<string> arguments, string folder, IReadOnlyCollection<int> ports, CancellationToken stop)
    {
        var before = TimeProvider.System.GetTimestamp();
        var process = ChildProcess.Start(program, arguments, Path.Combine(folder, spec.Name + ".log"));
        try
        {
            await ListeningPorts.WaitAsync(spec.IsUdp ? BoundPorts.Read : ListeningPorts.Read, ports, process, TimeSpan.FromSeconds(20), stop);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }

        return new RunningPeer(spec, process, TimeProvider.System.GetElapsedTime(before));
    }

    /// <summary>CPU time of the whole process tree.</summary>
    public CpuReading ReadCpu()
    {
        _process.ThrowIfEnded();
        return CpuReading.Take(ProcessTree.Of(_process.Id));
    }

    /// <summary>Memory of the whole process tree.</summary>
    public MemoryReading ReadMemory()
    {
        _process.ThrowIfEnded();
        return MemoryReading.Take(ProcessTree.Of(_process.Id));
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}

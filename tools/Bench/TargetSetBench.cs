using BenchmarkDotNet.Attributes;
using Portunus.Edge.Native;
using Portunus.Edge.Targets;
using Portunus.Shared.Rules;
using IPAddress = System.Net.IPAddress;

namespace Portunus.Bench;

/// <summary>What a new flow pays to be given a target of eight.</summary>
[MemoryDiagnoser]
public class TargetSetBench
{
    private static readonly CheckedTarget[] s_targets =
        [.. Enumerable.Range(1, 8).Select(index => new CheckedTarget($"192.0.2.{index}", IPAddress.Parse($"192.0.2.{index}"), 443, index / 5, index, ProxyHeaderVersion.None))];

    private readonly SockAddr _source = SockAddr.From(IPAddress.Parse("198.51.100.9"), 40_000);
    private TargetSet _set = TargetSet.Compile(s_targets, BalancePolicy.First, null, TimeProvider.System);

    [Params("First", "RoundRobin", "LeastFlows", "Random", "SourceHash")]
    public string Balance { get; set; } = "First";

    [GlobalSetup]
    public void Compile() => _set = TargetSet.Compile(s_targets, Enum.Parse<BalancePolicy>(Balance), null, TimeProvider.System);

    [Benchmark]
    public int Pick()
    {
        var order = _set.Begin(_source);
        return _set.TryNext(ref order, 0, out var index) ? index : -1;
    }
}

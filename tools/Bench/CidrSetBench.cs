using System.Net;
using BenchmarkDotNet.Attributes;
using Portunus.Shared.Rules;

namespace Portunus.Bench;

/// <summary>What a new flow pays for its rule's access list; it must not grow with the list.</summary>
[MemoryDiagnoser]
public class CidrSetBench
{
    private readonly byte[] _inside = new byte[4];
    private readonly byte[] _outside = IPAddress.Parse("203.0.113.7").GetAddressBytes();
    private readonly byte[] _six = IPAddress.Parse("2001:db8::7").GetAddressBytes();
    private CidrSet _set = new([]);

    [Params(10, 10_000)]
    public int Prefixes { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        var random = new Random(7);
        var networks = Enumerable.Range(0, Prefixes).Select(_ => new IPNetwork(new IPAddress([10, (byte)random.Next(256), (byte)random.Next(256), 0]), 24)).ToArray();
        networks[^1].BaseAddress.TryWriteBytes(_inside, out _);
        _inside[3] = 9;
        _set = new CidrSet(networks);
    }

    [Benchmark]
    public bool Inside() => _set.Contains(_inside);

    [Benchmark]
    public bool Outside() => _set.Contains(_outside);

    [Benchmark]
    public bool OtherFamily() => _set.Contains(_six);
}

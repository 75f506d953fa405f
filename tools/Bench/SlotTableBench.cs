using BenchmarkDotNet.Attributes;
using Portunus.Edge.Loop;

namespace Portunus.Bench;

/// <summary>What every event pays to find its owner, and every flow to enter and leave the table.</summary>
[MemoryDiagnoser]
public class SlotTableBench
{
    private const int Held = 16_000;
    private readonly SlotTable _table = new();
    private readonly ulong[] _tags = new ulong[Held];
    private readonly Stone _stone = new();
    private int _next;

    [GlobalSetup]
    public void Fill()
    {
        for (var index = 0; index < Held; index++)
        {
            _tags[index] = _table.Add(new Stone());
        }
    }

    [Benchmark]
    public bool Find() => _table.Find(_tags[_next = (_next + 7919) % Held]) is not null;

    [Benchmark]
    public void AddAndRemove() => _table.Remove(_table.Add(_stone));

    private sealed class Stone : Pollable
    {
        public override void Ready(uint events, long now) => throw new InvalidOperationException("nothing polls a stone");

        public override void Fault(Exception error) => throw error;
    }
}

namespace Portunus.Soaks.Verdicts;

/// <summary>What a run has against the edge. The first ones are kept as sentences, all are counted.</summary>
internal sealed class Findings
{
    private const int Kept = 20;

    private readonly Lock _gate = new();
    private readonly List<string> _first = [];
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public IReadOnlyList<string> First
    {
        get
        {
            lock (_gate)
            {
                return [.. _first];
            }
        }
    }

    public void Add(string sentence)
    {
        lock (_gate)
        {
            _count++;
            if (_first.Count < Kept)
            {
                _first.Add(sentence);
            }
        }
    }

    /// <summary>Adds the sentence unless it holds.</summary>
    public void Expect(bool holds, string otherwise)
    {
        if (!holds)
        {
            Add(otherwise);
        }
    }
}

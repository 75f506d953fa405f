namespace Portunus.Edge.Udp;

/// <summary>
/// What came from a source before its target's name was resolved, in order and bounded: eight datagrams, of which those behind
/// the first may take 32 KiB. Cold path.
/// </summary>
internal sealed class FirstDatagrams
{
    /// <summary>Datagrams kept for one flow.</summary>
    public const int MostDatagrams = 8;

    /// <summary>Bytes kept for one flow, unless the first alone is larger.</summary>
    public const int MostBytes = 32 * 1024;

    private readonly List<byte[]> _datagrams = [];

    public int Count => _datagrams.Count;

    public int Bytes { get; private set; }

    public ReadOnlySpan<byte> this[int index] => _datagrams[index];

    /// <summary>Keeps a copy; false when there is no room.</summary>
    public bool TryAdd(ReadOnlySpan<byte> payload)
    {
        if (_datagrams.Count > 0 && (_datagrams.Count == MostDatagrams || Bytes + payload.Length > MostBytes))
        {
            return false;
        }

        _datagrams.Add(payload.ToArray());
        Bytes += payload.Length;
        return true;
    }
}

using System.Diagnostics;

namespace Portunus.Soaks.Streams;

/// <summary>Slows a writer to a rate; 0 leaves it alone. It never hurries to make up for more than a second.</summary>
internal sealed class Pace(long bytesPerSecond)
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private TimeSpan _due;

    /// <summary>Waits until the bytes just written are due, or for <paramref name="stop"/>.</summary>
    public async Task PassedAsync(int bytes, CancellationToken stop)
    {
        if (bytesPerSecond == 0)
        {
            return;
        }

        var now = _watch.Elapsed;
        _due = (_due < now - TimeSpan.FromSeconds(1) ? now : _due) + TimeSpan.FromSeconds((double)bytes / bytesPerSecond);
        if (_due > now)
        {
            await Task.Delay(_due - now, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}

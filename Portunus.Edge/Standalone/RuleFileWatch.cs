using Portunus.Edge.Native;

namespace Portunus.Edge.Standalone;

/// <summary>
/// Notices that the rule file is another one. It looks once a second instead of asking inotify(7): one look costs a
/// microsecond and sees every way of changing a file alike, also editors that write a new one and rename it, links that are
/// switched below it (as mounted configuration is) and network file systems.
/// </summary>
internal sealed class RuleFileWatch(string path, TimeProvider time)
{
    private const int MostSettlingLooks = 20;
    private const int LooksUntilGone = 5;
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_settle = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Calls <paramref name="changed"/> once a change has settled, which is when two looks in a row see the same file, and
    /// <paramref name="gone"/> when there has been no file for some seconds. Ends with <paramref name="stop"/>.
    /// </summary>
    /// <param name="known">The stamp taken before the file was read; null where there was none.</param>
    public async Task RunAsync(FileStamp? known, Action changed, Action gone, CancellationToken stop)
    {
        var missing = 0;
        using var timer = new PeriodicTimer(s_look, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                var now = FileStamp.Of(path);
                if (now is null)
                {
                    // Between two steps of an editor there may be none.
                    if (++missing == LooksUntilGone)
                    {
                        known = null;
                        gone();
                    }

                    continue;
                }

                missing = 0;
                if (now != known && await SettleAsync(now.Value, stop) is { } settled)
                {
                    // Taken before the file is read: what is written meanwhile is seen at the next look.
                    known = settled;
                    changed();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    /// <summary>Waits for the writer to pause; null when the file goes away. A file that never rests is read all the same.</summary>
    private async Task<FileStamp?> SettleAsync(FileStamp seen, CancellationToken stop)
    {
        for (var i = 0; i < MostSettlingLooks; i++)
        {
            await Task.Delay(s_settle, time, stop);
            if (FileStamp.Of(path) is not { } now)
            {
                return null;
            }

            if (now == seen)
            {
                break;
            }

            seen = now;
        }

        return seen;
    }
}

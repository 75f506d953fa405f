using Microsoft.Extensions.Logging;
using Portunus.Edge.Native;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;

namespace Portunus.Edge.Link;

/// <summary>
/// The last plan on disk, from which an edge starts when its control plane is out of reach. It is written beside the old one and takes
/// its place in one step, so that a kill or a loss of power leaves either. A disk that will not take it stops nothing: it is
/// tried again until it does, or a newer plan takes its turn.
/// </summary>
internal sealed class PlanFile : IAsyncDisposable
{
    private static readonly TimeSpan s_firstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestRetry = TimeSpan.FromSeconds(60);

    // Five thousand rules with a thousand prefixes each are below; a disk image is not.
    private const long MostBytes = 256 * 1024 * 1024;

    private readonly string _file;
    private readonly EdgeId _edge;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _disk = new();
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _saving;
    private Waiting? _waiting;
    private bool _isRemoved;

    /// <param name="state">Where it lies.</param>
    /// <param name="edge">Whose plans they are: one of another edge is not used.</param>
    /// <param name="time">For the pauses between attempts.</param>
    /// <param name="log">Told what is wrong with file and disk.</param>
    public PlanFile(StateDirectory state, EdgeId edge, TimeProvider time, ILogger log)
    {
        _file = state.PlanFile;
        _edge = edge;
        _time = time;
        _log = log;
        _saving = SaveWaitingAsync(_stopping.Token);
    }

    /// <summary>What the file holds. One that will not do is set aside, so that nobody takes it for the plan in force.</summary>
    public StoredPlan Load()
    {
        lock (_disk)
        {
            byte[] bytes;
            try
            {
                if (ReadAll() is not { } read)
                {
                    return new StoredPlan(null, null);
                }

                bytes = read;
            }
            catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
            {
                _log.PlanNotUsed(_file, broken.Message);
                return new StoredPlan(null, broken.Message);
            }

            var stored = bytes.LongLength > MostBytes ? new StoredPlan(null, "It is too long for a plan.") : PlanText.Read(bytes, _edge);
            if (stored.Problem is { } problem)
            {
                SetAside(problem);
            }

            return stored;
        }
    }

    /// <summary>
    /// Saves a plan in the background. True once it, or one handed in later, is on disk; false when the first attempt
    /// failed, which is logged, and others follow, and when the file was removed for good.
    /// </summary>
    public Task<bool> SaveAsync(PlanMessage plan)
    {
        Waiting mine;
        lock (_gate)
        {
            if (_isRemoved)
            {
                return Task.FromResult(false);
            }

            mine = new Waiting(plan, _waiting);
            _waiting = mine;
        }

        _wake.Release();
        return mine.Done;
    }

    /// <summary>Removes the file, and what waits to be saved with it: this edge has been revoked. Nothing is saved any more afterwards.</summary>
    public void Remove()
    {
        lock (_gate)
        {
            _isRemoved = true;
            _waiting?.Answer(false);
            _waiting = null;
        }

        lock (_disk)
        {
            try
            {
                File.Delete(_file);
                Flush();
            }
            catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
            {
                _log.PlanNotRemoved(broken, _file);
            }
        }
    }

    /// <summary>What waits still has one more attempt.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _saving;
        if (Next() is { } last)
        {
            Try(last, s_longestRetry);
        }

        _stopping.Dispose();
        _wake.Dispose();
    }

    private async Task SaveWaitingAsync(CancellationToken stop)
    {
        var delay = Timeout.InfiniteTimeSpan;
        try
        {
            while (true)
            {
                await WaitAsync(delay, stop);
                if (Next() is not { } next)
                {
                    delay = Timeout.InfiniteTimeSpan;
                    continue;
                }

                var after = next.Attempts == 0 ? s_firstRetry : TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, s_longestRetry.Ticks));
                delay = Try(next, after) ? Timeout.InfiniteTimeSpan : after;
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping: whoever disposes of this makes the last attempt.
        }
    }

    /// <summary>Until something new is to be saved, or the pause is over.</summary>
    private async Task WaitAsync(TimeSpan pause, CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var elapsed = Task.Delay(pause, _time, over.Token);
        var woken = _wake.WaitAsync(over.Token);
        await Task.WhenAny(elapsed, woken);
        await over.CancelAsync();
        stop.ThrowIfCancellationRequested();
    }

    private Waiting? Next()
    {
        lock (_gate)
        {
            return _waiting;
        }
    }

    private bool Try(Waiting next, TimeSpan after)
    {
        try
        {
            lock (_disk)
            {
                // Removed while it was on its way here, or overtaken by one whose turn comes next.
                if (!ReferenceEquals(Next(), next))
                {
                    return true;
                }

                Write(PlanText.Write(next.Plan, _edge));
            }
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            next.Attempts++;
            _log.PlanNotSaved(broken, next.Plan.Revision, _file, after.TotalSeconds);
            next.Answer(false);
            return false;
        }

        if (next.Attempts > 0)
        {
            _log.PlanSavedAtLast(next.Plan.Revision, _file);
        }

        lock (_gate)
        {
            if (ReferenceEquals(_waiting, next))
            {
                _waiting = null;
            }
        }

        next.Answer(true);
        return true;
    }

    private void Write(byte[] bytes)
    {
        var fresh = _file + ".new";
        // Made anew, because the mode of a file that is there already would stay.
        File.Delete(fresh);
        try
        {
            using (var stream = new FileStream(fresh, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                BufferSize = 0,
                UnixCreateMode = StateDirectory.OwnerFile,
            }))
            {
                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
            }

            File.Move(fresh, _file, overwrite: true);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            // A disk that is full needs the room.
            File.Delete(fresh);
            throw;
        }

        Flush();
    }

    private void Flush()
    {
        if (FolderCalls.Flush(Path.GetDirectoryName(_file) ?? "/") is var error and not Errno.None)
        {
            throw new IOException($"the folder of {_file} cannot be flushed: {error}");
        }
    }

    private byte[]? ReadAll()
    {
        try
        {
            using var stream = new FileStream(_file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var bytes = new MemoryStream();
            var left = MostBytes + 1;
            var block = new byte[64 * 1024];
            int read;
            while (left > 0 && (read = stream.Read(block, 0, (int)Math.Min(block.Length, left))) > 0)
            {
                bytes.Write(block, 0, read);
                left -= read;
            }

            return bytes.ToArray();
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private void SetAside(string problem)
    {
        var aside = _file + ".refused";
        try
        {
            File.Move(_file, aside, overwrite: true);
            _log.PlanSetAside(_file, problem, aside);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            _log.PlanNotUsed(_file, $"{problem} Nor can it be set aside: {broken.Message}");
        }
    }

    /// <summary>A plan to be saved, and those it overtook whose callers have not been answered.</summary>
    private sealed class Waiting(PlanMessage plan, Waiting? overtaken)
    {
        private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Waiting? _overtaken = overtaken is { Done.IsCompleted: false } ? overtaken : null;

        public PlanMessage Plan { get; } = plan;

        public int Attempts { get; set; }

        public Task<bool> Done => _done.Task;

        public void Answer(bool saved)
        {
            for (var waiting = this; waiting is not null; waiting = waiting._overtaken)
            {
                waiting._done.TrySetResult(saved);
            }
        }
    }
}

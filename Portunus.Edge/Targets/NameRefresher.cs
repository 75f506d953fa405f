using Microsoft.Extensions.Logging;

namespace Portunus.Edge.Targets;

/// <summary>
/// Keeps the addresses of the names in use fresh in the background, so that a dial reads them and only the first dial of a
/// name waits. Lookups run on the thread pool with ordinary sockets, never on a loop.
/// </summary>
internal sealed class NameRefresher : IAsyncDisposable
{
    /// <summary>
    /// How long a lookup may take, the wait for its turn included: flows wait for it, and whoever opened them has left by then.
    /// </summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(12);

    // A plan with thousands of names must not take as many descriptors at once.
    private const int MostLookups = 64;

    private readonly TimeProvider _time;
    private readonly ILogger<NameRefresher> _log;
    private readonly NameLookup _lookup;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ResolvedName> _names = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _room = new(MostLookups);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;
    private bool _stopped;

    public NameRefresher(ResolverOptions options, TimeProvider time, ILogger<NameRefresher> log)
    {
        _time = time;
        _log = log;
        _lookup = new NameLookup(new ResolverFiles(options, log), time);
    }

    /// <summary>The clock of answers: monotonic, from any origin.</summary>
    public TimeSpan Now => _time.GetElapsedTime(0);

    /// <summary>Holds a name, which is looked up now and again until <see cref="Release"/>.</summary>
    /// <param name="preferIpv6">AAAA before A in the addresses of this entry.</param>
    public NameEntry Acquire(string host, bool preferIpv6)
    {
        ResolvedName? name;
        lock (_gate)
        {
            var key = host.ToLowerInvariant();
            if (!_names.TryGetValue(key, out name))
            {
                name = new ResolvedName(key, this, _time, _log);
                _names.Add(key, name);
            }

            // Within the lock, so that a release of the last hold elsewhere does not take the name out in between.
            name.Hold();
        }

        return new NameEntry(name, preferIpv6);
    }

    /// <summary>Gives an entry back; a second time does nothing. Whoever waits on it is still answered.</summary>
    public void Release(NameEntry entry)
    {
        if (!entry.TryRelease())
        {
            return;
        }

        lock (_gate)
        {
            if (entry.Name.Drop())
            {
                _names.Remove(entry.Name.Host);
            }
        }
    }

    /// <summary>Starts the lookup that <paramref name="name"/> has marked as under way.</summary>
    public void Begin(ResolvedName name)
    {
        lock (_gate)
        {
            if (!_stopped)
            {
                _running++;
                _ = Task.Run(() => LookUpAsync(name));
                return;
            }
        }

        name.Complete(FoundName.Without(NameVerdict.Silent, "the edge stops"));
    }

    /// <summary>Ends all lookups; whoever waits is told that there is no answer, as is whoever waits later.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_stopped)
            {
                return;
            }

            _stopped = true;
            foreach (var name in _names.Values)
            {
                name.Dispose();
            }

            if (_running == 0)
            {
                _idle.SetResult();
            }
        }

        await _stop.CancelAsync();
        await _idle.Task;
        _stop.Dispose();
        _room.Dispose();
    }

    private async Task LookUpAsync(ResolvedName name)
    {
        name.Complete(await FindAsync(name));
        lock (_gate)
        {
            if (--_running == 0 && _stopped)
            {
                _idle.SetResult();
            }
        }
    }

    private async Task<FoundName> FindAsync(ResolvedName name)
    {
        using var limit = new CancellationTokenSource(Deadline, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stop.Token);
        try
        {
            await _room.WaitAsync(either.Token);
            try
            {
                return await _lookup.FindAsync(name.Host, name.Preview, either.Token);
            }
            finally
            {
                _room.Release();
            }
        }
        catch (OperationCanceledException)
        {
            return FoundName.Without(NameVerdict.Silent, "no server answers, and other names wait for them too");
        }
        catch (Exception error)
        {
            // A fault of ours in one lookup: those who wait must hear all the same, and the next lookup may be sound.
            _log.LookupFaulted(name.Host, error);
            return FoundName.Without(NameVerdict.Silent, "the lookup failed inside");
        }
    }
}

using Microsoft.EntityFrameworkCore;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;

namespace Portunus.Web.Accounts;

/// <summary>
/// Slows guessing down. Failures are counted under three keys: one name from one address, which locks early; one address over all
/// names; one name over all addresses, which locks late and not for addresses its owner has signed in from, or anybody could lock
/// anybody out. A key without a failure for a quarter of an hour is forgotten. Tries that are still being computed count as failed,
/// so that a thousand at once are not a thousand guesses.
/// </summary>
internal sealed class SignInGate(TimeProvider clock)
{
    private const int PairFailures = 5;
    private const int AddressFailures = 30;
    private const int NameFailures = 50;

    private static readonly TimeSpan s_first = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan s_memory = TimeSpan.FromMinutes(15);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _running = [];

    /// <summary>The keys of a try. Names are hashed: what is typed there by mistake is often a password.</summary>
    /// <param name="purpose"><c>sign-in</c>, <c>setup</c>, <c>password</c>.</param>
    /// <param name="name">As typed; null where there is none.</param>
    /// <param name="address">Without its port.</param>
    /// <param name="isKnownAddress">The account of that name has signed in from there before.</param>
    public static IReadOnlyList<SignInKey> Keys(string purpose, string? name, string address, bool isKnownAddress)
    {
        var network = ActorSource.NetworkOf(address);
        var keys = new List<SignInKey> { new($"{purpose}/address/{network}", AddressFailures) };
        if (name is not null)
        {
            var hash = Convert.ToHexStringLower(Secrets.HashOf(name.ToLowerInvariant()).AsSpan(0, 16));
            keys.Add(new SignInKey($"{purpose}/pair/{hash}/{network}", PairFailures));
            if (!isKnownAddress)
            {
                keys.Add(new SignInKey($"{purpose}/name/{hash}", NameFailures));
            }
        }

        return keys;
    }

    /// <summary>Begins a try, or says how long to wait. What it answers is disposed when the try is over.</summary>
    public async Task<(IDisposable? Try, TimeSpan Wait)> EnterAsync(PortunusDb db, IReadOnlyList<SignInKey> keys, CancellationToken cancel)
    {
        if (WaitOf(keys, await FailuresAsync(db, keys, cancel), Others(keys)) is { } early)
        {
            return (null, early);
        }

        // Others may have failed since that was read. From here on this one is counted, so what is read now misses nobody.
        var (entered, others) = Enter(keys);
        try
        {
            if (WaitOf(keys, await FailuresAsync(db, keys, cancel), others) is not { } wait)
            {
                return (entered, TimeSpan.Zero);
            }

            entered.Dispose();
            return (null, wait);
        }
        catch
        {
            entered.Dispose();
            throw;
        }
    }

    /// <summary>Counts a failure under every key, in the caller's transaction.</summary>
    public async Task CountAsync(PortunusDb db, IReadOnlyList<SignInKey> keys)
    {
        var now = clock.GetUtcNow();
        var forgotten = now - s_memory - s_longest;
        await db.SignInThrottles.Where(row => row.LastFailedAt < forgotten).ExecuteDeleteAsync();
        foreach (var key in keys)
        {
            var row = await db.SignInThrottles.FindAsync(key.Name);
            if (row is null)
            {
                db.SignInThrottles.Add(row = new SignInThrottle { Key = key.Name });
            }
            else if (IsForgotten(row, now))
            {
                row.Failures = 0;
            }

            row.Failures++;
            row.LastFailedAt = now;
            row.LockedUntil = row.Failures < key.Limit ? null : now + Lock(row.Failures - key.Limit);
        }
    }

    /// <summary>Forgets the failures of one name from one address: its owner has got in.</summary>
    public static async Task ClearAsync(PortunusDb db, IReadOnlyList<SignInKey> keys)
    {
        var names = keys.Where(key => key.Limit == PairFailures).Select(key => key.Name).ToList();
        await db.SignInThrottles.Where(row => names.Contains(row.Key)).ExecuteDeleteAsync();
    }

    /// <summary>The time counts from the end of a lock, or the longest would wipe out what led to it.</summary>
    private static bool IsForgotten(SignInThrottle row, DateTimeOffset now) => now - (row.LockedUntil ?? row.LastFailedAt) >= s_memory;

    private static TimeSpan Lock(int beyond) => beyond >= 4 ? s_longest : s_first * Math.Pow(2, beyond);

    private static async Task<Dictionary<string, SignInThrottle>> FailuresAsync(PortunusDb db, IReadOnlyList<SignInKey> keys, CancellationToken cancel)
    {
        var names = keys.Select(key => key.Name).ToList();
        return await db.SignInThrottles.AsNoTracking().Where(row => names.Contains(row.Key)).ToDictionaryAsync(row => row.Key, cancel);
    }

    /// <summary>How long a try under these keys has to wait; null when it may begin.</summary>
    private TimeSpan? WaitOf(IReadOnlyList<SignInKey> keys, Dictionary<string, SignInThrottle> rows, Dictionary<string, int> others)
    {
        var now = clock.GetUtcNow();
        if (rows.Values.Max(row => row.LockedUntil - now) is { } wait && wait > TimeSpan.Zero)
        {
            return wait;
        }

        foreach (var key in keys)
        {
            var failed = rows.TryGetValue(key.Name, out var row) && !IsForgotten(row, now) ? row.Failures : 0;
            // One more is always let in once its lock is over, or nobody would ever get in again.
            if (others[key.Name] > 0 && others[key.Name] + failed >= key.Limit)
            {
                return TimeSpan.FromSeconds(1);
            }
        }

        return null;
    }

    /// <summary>How many tries are being computed under each key.</summary>
    private Dictionary<string, int> Others(IReadOnlyList<SignInKey> keys)
    {
        lock (_lock)
        {
            return keys.ToDictionary(key => key.Name, key => _running.GetValueOrDefault(key.Name));
        }
    }

    private (Running Try, Dictionary<string, int> Others) Enter(IReadOnlyList<SignInKey> keys)
    {
        lock (_lock)
        {
            var others = Others(keys);
            foreach (var (name, count) in others)
            {
                _running[name] = count + 1;
            }

            return (new Running(this, [.. others.Keys]), others);
        }
    }

    private void Leave(List<string> names)
    {
        lock (_lock)
        {
            foreach (var name in names)
            {
                if (_running[name] == 1)
                {
                    _running.Remove(name);
                }
                else
                {
                    _running[name]--;
                }
            }
        }
    }

    private sealed class Running(SignInGate gate, List<string> names) : IDisposable
    {
        private List<string>? _names = names;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _names, null) is { } left)
            {
                gate.Leave(left);
            }
        }
    }
}

/// <summary>What failures are counted under, and how many lock it.</summary>
internal sealed record SignInKey(string Name, int Limit);

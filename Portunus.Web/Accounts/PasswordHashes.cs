using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Portunus.Web.Database.Tables;

namespace Portunus.Web.Accounts;

/// <summary>
/// Hashes passwords with Identity's hasher: PBKDF2 with HMAC-SHA512 and a salt for each. A hash costs a core some tenth of a
/// second by intent, so only as many run at once as there are cores, and only so many wait.
/// </summary>
internal sealed class PasswordHashes : IDisposable
{
    /// <summary>What the OWASP password storage cheat sheet asks of PBKDF2-HMAC-SHA512.</summary>
    public const int CurrentIterations = 210_000;

    private const int MaxWaiting = 100;

    private static readonly Account s_nobody = new();

    private readonly PasswordHasher<Account> _hasher;
    private readonly SemaphoreSlim _cores = new(Environment.ProcessorCount, Environment.ProcessorCount);
    private readonly Lazy<string> _hashOfNothing;
    private int _waiting;

    public PasswordHashes(int iterations = CurrentIterations)
    {
        _hasher = new PasswordHasher<Account>(new OptionsWrapper<PasswordHasherOptions>(new PasswordHasherOptions
        {
            CompatibilityMode = PasswordHasherCompatibilityMode.IdentityV3,
            IterationCount = iterations,
        }));
        _hashOfNothing = new Lazy<string>(() => _hasher.HashPassword(s_nobody, Secrets.New()));
    }

    /// <summary>Null when too many are waiting already.</summary>
    public async Task<string?> HashAsync(string password, CancellationToken cancel) =>
        await RunAsync(() => _hasher.HashPassword(s_nobody, password), cancel);

    /// <summary>
    /// Whether it is the password. An account without one, and no account at all, cost the same time and are never right.
    /// <see cref="PasswordCheck.Busy"/> when too many are waiting already.
    /// </summary>
    public async Task<PasswordCheck> VerifyAsync(string? hash, string password, CancellationToken cancel)
    {
        if (password.Length > PasswordRules.MaxLength)
        {
            return PasswordCheck.Wrong;
        }

        var isKnown = !string.IsNullOrEmpty(hash);
        var result = await RunAsync(() => (PasswordVerificationResult?)_hasher.VerifyHashedPassword(s_nobody, isKnown ? hash ?? "" : _hashOfNothing.Value, password), cancel);
        return result switch
        {
            null => PasswordCheck.Busy,
            PasswordVerificationResult.Success when isKnown => PasswordCheck.Right,
            PasswordVerificationResult.SuccessRehashNeeded when isKnown => PasswordCheck.RightButOld,
            _ => PasswordCheck.Wrong,
        };
    }

    public void Dispose() => _cores.Dispose();

    private async Task<T?> RunAsync<T>(Func<T> work, CancellationToken cancel)
    {
        if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return default;
        }

        try
        {
            await _cores.WaitAsync(cancel);
            try
            {
                return await Task.Run(work, CancellationToken.None);
            }
            finally
            {
                _cores.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}

/// <summary>What came of comparing a password.</summary>
internal enum PasswordCheck
{
    Wrong,
    Right,

    /// <summary>Right, and its hash is weaker than today's: hash it anew.</summary>
    RightButOld,

    /// <summary>Too many are being compared; nothing was.</summary>
    Busy,
}

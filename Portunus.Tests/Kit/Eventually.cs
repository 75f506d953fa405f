using System.Diagnostics;

namespace Portunus.Tests.Kit;

/// <summary>Waits on a condition, never on a time.</summary>
internal static class Eventually
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>Returns once <paramref name="holds"/> does; fails with <paramref name="what"/> after half a minute.</summary>
    public static Task Holds(Func<bool> holds, string what) => Holds(holds, () => what);

    /// <summary>As <see cref="Holds(Func{bool}, string)"/>, where looking takes time.</summary>
    public static async Task Holds(Func<Task<bool>> holds, string what)
    {
        var watch = Stopwatch.StartNew();
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!await holds())
        {
            Assert.True(watch.Elapsed < s_patience, $"did not happen in {s_patience.TotalSeconds} s: {what}");
            await look.WaitForNextTickAsync();
        }
    }

    /// <summary>As <see cref="Holds(Func{bool}, string)"/>, with the value last seen in the failure.</summary>
    public static async Task Equals<T>(T expected, Func<T> read, string what)
    {
        var last = read();
        await Holds(() => EqualityComparer<T>.Default.Equals(expected, last = read()), () => $"{what}: expected {expected}, last {last}");
    }

    /// <summary>Fails instead of hanging.</summary>
    public static Task Within(Task task) => task.WaitAsync(s_patience);

    /// <summary>Fails instead of hanging.</summary>
    public static Task<T> Within<T>(Task<T> task) => task.WaitAsync(s_patience);

    private static async Task Holds(Func<bool> holds, Func<string> what)
    {
        var watch = Stopwatch.StartNew();
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!holds())
        {
            Assert.True(watch.Elapsed < s_patience, $"did not happen in {s_patience.TotalSeconds} s: {what()}");
            await look.WaitForNextTickAsync();
        }
    }
}

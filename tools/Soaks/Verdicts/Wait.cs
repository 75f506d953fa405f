using System.Diagnostics;

namespace Portunus.Soaks.Verdicts;

/// <summary>Waits on conditions.</summary>
internal static class Wait
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);

    /// <summary>Returns once it holds; a <see cref="SoakException"/> after a minute.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds, Func<string> what, CancellationToken cut)
    {
        var watch = Stopwatch.StartNew();
        while (!await holds())
        {
            if (watch.Elapsed > s_patience)
            {
                throw new SoakException($"did not happen in {s_patience.TotalSeconds} s: {what()}");
            }

            await Task.Delay(s_look, cut);
        }
    }

    public static Task UntilAsync(Func<bool> holds, Func<string> what, CancellationToken cut) =>
        UntilAsync(() => Task.FromResult(holds()), what, cut);

    /// <summary>As <see cref="UntilAsync(Func{bool}, Func{string}, CancellationToken)"/>, but a finding instead of the end of the run.</summary>
    public static async Task ExpectAsync(Findings findings, Func<bool> holds, Func<string> what, CancellationToken cut)
    {
        try
        {
            await UntilAsync(holds, what, cut);
        }
        catch (SoakException error)
        {
            findings.Add(error.Message);
        }
    }
}

using System.Globalization;

namespace Portunus.Load.Machine;

/// <summary>
/// Time on CPU of every thread of some processes, in nanoseconds, from <c>/proc/PID/task/TID/schedstat</c> (first field). The
/// scheduler counts it exactly, where utime and stime of stat come in ticks of 10 ms.
/// </summary>
internal sealed class CpuReading
{
    private readonly Dictionary<int, long> _byThread = [];

    public static CpuReading Take(IEnumerable<int> processes)
    {
        var reading = new CpuReading();
        foreach (var task in processes.SelectMany(ProcessTree.Tasks))
        {
            try
            {
                reading._byThread[int.Parse(Path.GetFileName(task), CultureInfo.InvariantCulture)] = Parse(File.ReadAllText(Path.Combine(task, "schedstat")));
            }
            catch (IOException)
            {
                // The thread ended meanwhile (a worker of the runtime's pool): the relay's own threads do not.
            }
        }

        return reading;
    }

    /// <summary>Nanoseconds on CPU out of the text of a schedstat file.</summary>
    public static long Parse(string schedstat) =>
        long.Parse(schedstat.AsSpan(0, schedstat.IndexOf(' ', StringComparison.Ordinal)), NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>A reading with given values, for arithmetic without processes.</summary>
    public static CpuReading Of(params (int Thread, long Nanoseconds)[] threads)
    {
        var reading = new CpuReading();
        foreach (var (thread, nanoseconds) in threads)
        {
            reading._byThread[thread] = nanoseconds;
        }

        return reading;
    }

    /// <summary>Seconds on CPU since an earlier reading. A thread born since counts whole, one that ended does not count.</summary>
    public double SecondsSince(CpuReading earlier) =>
        _byThread.Sum(thread => thread.Value - earlier._byThread.GetValueOrDefault(thread.Key)) / 1e9;
}

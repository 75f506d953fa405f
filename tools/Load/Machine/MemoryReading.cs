using System.Globalization;

namespace Portunus.Load.Machine;

/// <summary>
/// Resident memory from <c>/proc/PID/status</c>, in KiB. Resident counts whole, file pages included; pages of a program file are
/// clean and shared by every process that runs it, so the anonymous part is what one more process costs.
/// </summary>
internal readonly record struct MemoryReading(long ResidentKiB, long AnonymousKiB, long FileKiB)
{
    public static MemoryReading Take(IEnumerable<int> processes)
    {
        var sum = default(MemoryReading);
        foreach (var process in processes)
        {
            var one = Parse(File.ReadAllText($"/proc/{process}/status"));
            sum = new MemoryReading(sum.ResidentKiB + one.ResidentKiB, sum.AnonymousKiB + one.AnonymousKiB, sum.FileKiB + one.FileKiB);
        }

        return sum;
    }

    public static MemoryReading Parse(string status)
    {
        long Field(string name)
        {
            var line = status.Split('\n').FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line[(name.Length + 1)..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
        }

        return new MemoryReading(Field("VmRSS"), Field("RssAnon"), Field("RssFile"));
    }
}

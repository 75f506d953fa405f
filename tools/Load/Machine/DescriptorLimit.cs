using System.Globalization;

namespace Portunus.Load.Machine;

/// <summary>The hard limit of open files, which every peer raises itself to, from <c>/proc/self/limits</c>.</summary>
internal static class DescriptorLimit
{
    private const int Spare = 1000;

    /// <summary>How many flows this machine's descriptors allow, at so many in one process for each, and some to spare.</summary>
    public static int Affordable(int wanted, int each) => Affordable(wanted, each, Read());

    public static int Affordable(int wanted, int each, long limit) => (int)Math.Max(0, Math.Min(wanted, (limit - Spare) / each));

    private static long Read()
    {
        var line = File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal));
        return long.TryParse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4], CultureInfo.InvariantCulture, out var hard) ? hard : long.MaxValue;
    }
}

namespace Portunus.Load.Machine;

/// <summary>What the figures were taken on, in one line. Figures of two machines are not to be compared, ratios perhaps.</summary>
internal static class MachineLine
{
    public static string Read()
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        var kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        return $"{model?[(model.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? "CPU of unknown model"}, {Environment.ProcessorCount} cores, Linux {kernel}";
    }
}

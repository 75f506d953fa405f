using System.Globalization;

namespace Portunus.Load.Machine;

/// <summary>What the whole machine spent, from the first line of <c>/proc/stat</c>, in ticks of 10 ms (USER_HZ is 100 on every Linux).</summary>
internal readonly record struct MachineCpu(long BusyTicks, long StolenTicks)
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    public static MachineCpu Take() => Parse(File.ReadLines("/proc/stat").First());

    /// <summary>Busy is all but idle and iowait; guest time is part of user already (proc(5)).</summary>
    public static MachineCpu Parse(string line)
    {
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .Select(field => long.Parse(field, CultureInfo.InvariantCulture)).ToArray();
        return new MachineCpu(fields[0] + fields[1] + fields[2] + fields[5] + fields[6], fields[7]);
    }

    /// <summary>How busy the machine is, 0–1, for a second in which all peers are idle: whatever runs is somebody else's, and spoils the figures.</summary>
    public static async Task<double> LookAsync(CancellationToken stop)
    {
        var before = Take();
        await Task.Delay(s_look, stop);

        // Ticks are coarse and the delay may overrun: a full machine can come out at a little over one.
        return Math.Min(1, Take().SecondsSince(before) / (s_look.TotalSeconds * Environment.ProcessorCount));
    }

    public double SecondsSince(MachineCpu earlier) => (BusyTicks - earlier.BusyTicks) / 100.0;

    /// <summary>Seconds another guest of the host had our CPUs: a reading with much of it is not worth much.</summary>
    public double StolenSecondsSince(MachineCpu earlier) => (StolenTicks - earlier.StolenTicks) / 100.0;
}

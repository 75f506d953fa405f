using Microsoft.Extensions.Logging;
using Portunus.Edge.Metering;

namespace Portunus.Edge.Link;

/// <summary>What is found in the folder of counters at a start, put in order before this run begins its own file.</summary>
internal static class OlderBootFiles
{
    private const string Unfinished = ".new";

    /// <summary>The heads of what is left, oldest first.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public static List<CounterHead> Collect(string folder, TimeProvider time, ILogger log)
    {
        foreach (var unfinished in Directory.GetFiles(folder, "*" + Unfinished))
        {
            File.Delete(unfinished);
        }

        var readings = Read(folder, log);
        // A power cut between putting boots together and removing what went into it.
        var merged = readings.SelectMany(reading => reading.Head.Merged).ToHashSet();
        foreach (var done in readings.Where(reading => merged.Contains(reading.Head.Boot) || reading.Rules.Count == 0).ToList())
        {
            File.Delete(BootFiles.PathOf(folder, done.Head.Boot));
            readings.Remove(done);
        }

        Merge(folder, readings, time, log);
        readings.Sort((a, b) => a.Head.CreatedAt.CompareTo(b.Head.CreatedAt));
        foreach (var surplus in readings.SkipLast(BootFiles.MostOlderBoots).ToList())
        {
            var bytes = surplus.Rules.Sum(rule => rule.Traffic.BytesIn + rule.Traffic.BytesOut);
            log.CountersGivenUp(surplus.Head.Boot, surplus.Rules.Count, bytes, BootFiles.MostOlderBoots);
            File.Delete(BootFiles.PathOf(folder, surplus.Head.Boot));
            readings.Remove(surplus);
        }

        return [.. readings.Select(reading => reading.Head)];
    }

    /// <summary>On the disk when it returns: told and not known to have been told would be counted twice.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void MarkTold(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
        file.Position = CounterHead.WasToldOffset;
        file.WriteByte(1);
        file.Flush(flushToDisk: true);
    }

    private static List<CounterReading> Read(string folder, ILogger log)
    {
        var readings = new List<CounterReading>();
        foreach (var path in Directory.GetFiles(folder, "*.bin"))
        {
            try
            {
                var reading = CounterReading.Read(path, out var problem);
                if (reading is null || path != BootFiles.PathOf(folder, reading.Head.Boot))
                {
                    log.CountersSetAside(path, reading is null ? problem : "it is named for another boot");
                    BootFiles.SetAside(path);
                    continue;
                }

                if (reading.Damaged > 0)
                {
                    log.CountersDamaged(path, reading.Damaged);
                }

                readings.Add(reading);
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
            {
                log.CountersNotRead(path, refused.Message);
            }
        }

        return readings;
    }

    private static void Merge(string folder, List<CounterReading> readings, TimeProvider time, ILogger log)
    {
        var untold = readings.Where(reading => !reading.Head.WasTold).Take(CounterHead.MostMerged).ToList();
        if (untold.Count < 2)
        {
            return;
        }

        var (boot, now) = (Guid.CreateVersion7(), time.GetUtcNow());
        var path = BootFiles.PathOf(folder, boot);
        try
        {
            CounterMerge.Write(path + Unfinished, boot, now, [.. untold.Select(reading => reading.Head.Boot)], CounterMerge.Sum(untold.SelectMany(reading => reading.Rules)));
            File.Move(path + Unfinished, path);
            if (CounterReading.Read(path, out _) is not { } whole)
            {
                return;
            }

            readings.Add(whole);
            foreach (var one in untold)
            {
                readings.Remove(one);
                File.Delete(BootFiles.PathOf(folder, one.Head.Boot));
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // They stay as they are, and the next start tries again.
            log.CountersNotRead(path, refused.Message);
        }
    }
}

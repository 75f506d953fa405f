using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Portunus.Edge.Link;
using Portunus.Edge.Metering;
using Portunus.Shared.Ids;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Link;

public sealed class BootFilesTests : IDisposable
{
    private static readonly RuleId s_rule = RuleId.FromName("rule");

    private readonly TempFolder _folder = new();
    private readonly LogLines<BootFiles> _log = new();

    [Fact]
    public void Start_AfterARunThatCounted_HasItsLastCountersUntilTheyAreKept()
    {
        var owner = AccountId.New();
        Guid first;
        using (var boots = Open())
        {
            first = boots.Boot;
            Assert.Empty(boots.OlderBoots);
            Assert.True(boots.IsOnDisk);
            Count(boots, s_rule, owner, loops: 3);
            boots.Counted.Open(RuleId.FromName("idle"), owner, 3);
            boots.Tell(41);
        }

        for (var i = 0; i < 2; i++)
        {
            using var boots = Open();
            Assert.Equal([first], boots.OlderBoots);
            var final = boots.Final(first, durable: 40);
            Assert.NotNull(final);
            Assert.True(final is { IsFinal: true, IsLast: true, Vitals: null });
            Assert.Equal((first, 42), (final.Boot, final.Sequence));
            Assert.Equal(1001, boots.Final(first, durable: 1000)?.Sequence);
            var totals = Assert.Single(final.Rules);
            Assert.Equal((s_rule, owner), (totals.Rule, totals.Owner!.Value));
            Assert.Equal(new TrafficCount(300, 30, 3, 0, 6, 9), totals.Traffic);
            Assert.Equal(12, totals.Accepted);
            Assert.Equal(new Dictionary<string, long> { ["downstream_reset"] = 3, ["fault"] = 3 }, totals.Ends);
            Assert.Equal(new Dictionary<string, long> { ["over_cap"] = 15 }, totals.DropsIn);
            Assert.Equal(new Dictionary<string, long> { ["fault"] = 18 }, totals.DropsOut);
        }

        using (var boots = Open())
        {
            boots.Forget(first);
            Assert.Empty(boots.OlderBoots);
            Assert.Null(boots.Final(first, 0));
        }

        using var last = Open();
        Assert.Empty(last.OlderBoots);
        Assert.Equal(last.Boot.ToString(), Path.GetFileNameWithoutExtension(Assert.Single(Directory.GetFiles(_folder.Path))));
    }

    [Fact]
    public void Starts_ManyThatNobodyWasToldOf_ArePutTogether()
    {
        for (var i = 0; i < 100; i++)
        {
            using var boots = Open();
            Count(boots, s_rule, null, loops: 1);
            Count(boots, RuleId.FromName($"{i}"), null, loops: 1);
            Assert.InRange(boots.OlderBoots.Count, 0, 1);
            Assert.InRange(Directory.GetFiles(_folder.Path).Length, 1, 2);
        }

        using var last = Open();
        var final = last.Final(Assert.Single(last.OlderBoots), 0);
        Assert.Equal(101, final?.Rules.Count);
        var totals = final!.Rules.Single(rule => rule.Rule == s_rule);
        Assert.Equal(new TrafficCount(10_000, 1_000, 100, 0, 200, 300), totals.Traffic);
        Assert.Equal(100, totals.Ends?["fault"]);
        Assert.Equal(400, totals.Accepted);
    }

    [Fact]
    public void Starts_OfWhichSomebodyWasTold_StayApart()
    {
        Guid told;
        using (var boots = Open())
        {
            Count(boots, s_rule, null, loops: 1);
            boots.Tell(1);
            told = boots.Boot;
        }

        using (var boots = Open())
        {
            Count(boots, s_rule, null, loops: 1);
        }

        Guid untold;
        using (var boots = Open())
        {
            Assert.Equal(told, boots.OlderBoots[0]);
            untold = boots.OlderBoots[1];
            // From here on it was told, too.
            Assert.NotNull(boots.Final(untold, 0));
            Count(boots, s_rule, null, loops: 1);
        }

        using var last = Open();
        Assert.Equal([told, untold], last.OlderBoots.Take(2));
        Assert.Equal(3, last.OlderBoots.Count);
        Assert.All(last.OlderBoots, boot => Assert.Equal(100, last.Final(boot, 0)?.Rules[0].Traffic.BytesIn));
    }

    [Fact]
    public void Start_CutOffBetweenPuttingTogetherAndRemoving_CountsNothingTwice()
    {
        var copies = new Dictionary<string, byte[]>();
        for (var i = 0; i < 2; i++)
        {
            // Both must be there at once, so that the start after puts them together.
            using var boots = Open();
            Count(boots, s_rule, null, loops: 1);
            copies[BootFiles.PathOf(_folder.Path, boots.Boot)] = File.ReadAllBytes(BootFiles.PathOf(_folder.Path, boots.Boot));
        }

        Open().Dispose();
        foreach (var (path, bytes) in copies)
        {
            Assert.False(File.Exists(path));
            File.WriteAllBytes(path, bytes);
        }

        using var last = Open();
        Assert.Equal(200, last.OlderBoots.Sum(boot => last.Final(boot, 0)?.Rules[0].Traffic.BytesIn));
    }

    [Fact]
    public void Starts_ToldAndNeverKept_TheNewestStayAndTheRestIsSaid()
    {
        var all = new List<Guid>();
        for (var i = 0; i < BootFiles.MostOlderBoots + 3; i++)
        {
            using var boots = Open();
            Count(boots, s_rule, null, loops: 1);
            boots.Tell(1);
            all.Add(boots.Boot);
        }

        using var last = Open();
        Assert.Equal(all[^BootFiles.MostOlderBoots..], last.OlderBoots);
        Assert.Equal(3, _log.All.Count(line => line.Level == LogLevel.Error && line.Text.Contains("110 bytes", StringComparison.Ordinal)));
    }

    [Fact]
    public void Final_WordsOfAnotherVersion_AreTold()
    {
        var boot = Guid.NewGuid();
        var totals = new RuleTotals { Rule = s_rule, Traffic = default, Accepted = 0, Ends = new Dictionary<string, long> { ["swallowed"] = 5, ["fault"] = 2 } };
        CounterMerge.Write(BootFiles.PathOf(_folder.Path, boot), boot, DateTimeOffset.UtcNow, [], [totals]);
        using var boots = Open();
        Assert.Equal(totals.Ends, boots.Final(boot, 0)?.Rules[0].Ends?.ToDictionary());
    }

    [Fact]
    public void Start_BytesByChance_AreSetAsideAndNeverCounted()
    {
        var random = new Random(20);
        byte[] sound;
        using (var boots = Open())
        {
            Count(boots, s_rule, AccountId.New(), loops: 8);
            sound = File.ReadAllBytes(BootFiles.PathOf(_folder.Path, boots.Boot))[..16_384];
            boots.Tell(1);
        }

        for (var i = 0; i < 300; i++)
        {
            var name = Guid.NewGuid();
            var bytes = (i % 3) switch
            {
                0 => Noise(random),
                1 => MutatedBytes.Of(sound, random, mostEdits: 3, mostBytes: 700),
                _ => sound[..random.Next(sound.Length)],
            };
            File.WriteAllBytes(BootFiles.PathOf(_folder.Path, name), bytes);
            using var boots = Open();
            // One that is whole but named otherwise is not taken either.
            Assert.DoesNotContain(name, boots.OlderBoots);
            Assert.False(File.Exists(BootFiles.PathOf(_folder.Path, name)));
            Assert.Single(boots.OlderBoots);
        }

        Assert.True(_log.All.Count(line => line.Level == LogLevel.Error) >= 300);
        Assert.InRange(Directory.GetFiles(_folder.Path, "*.damaged").Length, 1, 4);
    }

    [Fact]
    public void Start_OneRecordDamaged_TheOthersAreToldAndItIsSaid()
    {
        Guid boot;
        using (var boots = Open())
        {
            boot = boots.Boot;
            Count(boots, s_rule, null, loops: 1);
            Count(boots, RuleId.FromName("other"), null, loops: 1);
        }

        var path = BootFiles.PathOf(_folder.Path, boot);
        var bytes = File.ReadAllBytes(path);
        bytes[CounterFormat.HeadBytes + (CounterFormat.Rule * sizeof(long))] ^= 1;
        File.WriteAllBytes(path, bytes);
        using var last = Open();
        Assert.Equal(RuleId.FromName("other"), Assert.Single(last.Final(boot, 0)!.Rules).Rule);
        Assert.Contains(_log.All, line => line.Level == LogLevel.Error && line.Text.StartsWith("1 damaged records", StringComparison.Ordinal));
    }

    [Fact]
    public void Start_FolderThatTakesNothing_CountsInMemoryAndSaysSo()
    {
        File.WriteAllText(_folder.File("counters"), "");
        using var boots = BootFiles.Open(_folder.File("counters"), TimeProvider.System, _log);
        Assert.False(boots.IsOnDisk);
        Count(boots, s_rule, null, loops: 2);
        Assert.Equal(200, boots.Counted.All[0].Totals(withPorts: false).Traffic.BytesIn);
        boots.Tell(1);
        Assert.Contains(_log.All, line => line.Level == LogLevel.Error && line.Text.StartsWith("Counters are kept in memory alone", StringComparison.Ordinal));
    }

    [SmallDiskFact]
    public void Start_FullDisk_CountsInMemoryAndLeavesNothing()
    {
        using var disk = new SmallDisk();
        var folder = Path.Combine(disk.Path, "counters");
        Directory.CreateDirectory(folder);
        disk.Fill();
        using var boots = BootFiles.Open(folder, TimeProvider.System, _log);
        Assert.False(boots.IsOnDisk);
        Count(boots, s_rule, null, loops: 2);
        Assert.Empty(Directory.GetFiles(folder));
        Assert.Contains(_log.All, line => line.Level == LogLevel.Error && line.Text.Contains("ENOSPC", StringComparison.Ordinal));
    }

    [SmallDiskFact]
    public void Count_DiskFillsUpMeanwhile_GoesOnInMemoryAndOnDiskOnceThereIsRoom()
    {
        using var disk = new SmallDisk();
        var folder = Path.Combine(disk.Path, "counters");
        var boot = CountWhileFull(disk, folder);
        var left = CounterReading.Read(BootFiles.PathOf(folder, boot), out _);
        Assert.NotNull(left);
        var rules = left.Rules.ToDictionary(totals => totals.Rule);
        Assert.Equal(200, rules[RuleId.FromName("before")].Traffic.BytesIn);
        Assert.Contains(RuleId.FromName("room 599"), rules.Keys);
        Assert.DoesNotContain(RuleId.FromName("full 599"), rules.Keys);

        // Mapped memory goes with the last object that holds it, and the disk can go only then.
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    [Fact]
    public void File_OfARun_IsForItsOwnerAloneAndHasItsSpace()
    {
        using var boots = Open();
        var path = BootFiles.PathOf(_folder.Path, boots.Boot);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        for (var i = 0; i < 5000; i++)
        {
            boots.Counted.Open(RuleId.FromName($"{i}"), null, loops: 2);
        }

        // 704 bytes a rule and loop.
        Assert.InRange(new FileInfo(path).Length, 10_000L * CounterFormat.Current.RecordBytes, 8 * 1024 * 1024);
    }

    public void Dispose() => _folder.Dispose();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Guid CountWhileFull(SmallDisk disk, string folder)
    {
        using var boots = BootFiles.Open(folder, TimeProvider.System, _log);
        Count(boots, RuleId.FromName("before"), null, loops: 1);
        disk.Fill();
        for (var i = 0; i < 600; i++)
        {
            Count(boots, RuleId.FromName($"full {i}"), null, loops: 1);
        }

        Count(boots, RuleId.FromName("before"), null, loops: 1);
        Assert.Equal(601, boots.Counted.All.Count);
        Assert.All(boots.Counted.All, counted => Assert.InRange(counted.Totals(withPorts: false).Traffic.BytesIn, 100, 200));
        Assert.Single(_log.All, line => line.Level == LogLevel.Error && line.Text.Contains("ENOSPC", StringComparison.Ordinal));
        disk.Free();
        for (var i = 0; i < 600; i++)
        {
            Count(boots, RuleId.FromName($"room {i}"), null, loops: 1);
        }

        return boots.Boot;
    }

    private static byte[] Noise(Random random)
    {
        var bytes = new byte[random.Next(20_000)];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>As loops do it, 100 bytes in and 10 out on each.</summary>
    private static void Count(BootFiles boots, RuleId rule, AccountId? owner, int loops)
    {
        foreach (var record in boots.Counted.Open(rule, owner, loops).Records)
        {
            var counters = new RuleCounters(record);
            counters.BytesIn += 100;
            counters.BytesOut += 10;
            counters.FlowsOpened++;
            counters.FlowsActive++;
            counters.DatagramsIn += 2;
            counters.DatagramsOut += 3;
            counters.Accepted += 4;
            counters.Ended(FlowEnd.DownstreamReset);
            counters.Ended(FlowEnd.Fault);
            counters.DroppedIn(DatagramDrop.OverCap, 5);
            counters.DroppedOut(DatagramDrop.Fault, 6);
        }
    }

    private BootFiles Open() => BootFiles.Open(_folder.Path, TimeProvider.System, _log);
}

using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>How many flows the process may have depends on its descriptors, so it says how many there are.</summary>
public sealed class StandaloneDescriptorTests
{
    [Theory]
    [InlineData(4096, "4096 descriptors are allowed")]
    [InlineData(4095, "Only 4095 descriptors are allowed")]
    public async Task Start_DescriptorLimit_IsToldAndALowOneIsAWarning(int limit, string said)
    {
        using var file = new RuleFileOnDisk(RuleFileOnDisk.Rule("web", FreePorts.Take(), 9));
        await using var edge = EdgeProcess.Start([], ["--standalone", file.Path], "prlimit", $"--nofile={limit}:{limit}");
        await edge.SaysAsync("enabled rules listen");
        Assert.Contains(limit < 4096 ? "warn" : "info", await edge.SaysAsync(said), StringComparison.OrdinalIgnoreCase);
    }
}

using System.Text;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.House;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>The program in examples/ that reads PROXY headers of datagrams, behind real rules.</summary>
public sealed class RealAddressExampleTests
{
    [ProgramFact("python3")]
    public Task V2_EveryDatagramOfTheFlow_IsKnownByItsFirst() => IsKnownAsync("v2");

    [ProgramFact("python3")]
    public Task V2Each_EveryDatagram_IsKnownByItsOwnHeader() => IsKnownAsync("v2-each");

    private static async Task IsKnownAsync(string version)
    {
        var port = FreePorts.Take();
        await using var backend = LiveProgram.Start(
            "python3", Path.Combine(HouseRoot.Folder, "examples", "udp-real-address.py"), $"{port}", "127.0.0.1");
        await backend.SaysAsync("listening");
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule(version) with
        {
            Protocol = "udp",
            Targets = [new TargetSpec { Host = "127.0.0.1", Port = port, ProxyProtocol = version }],
            HealthCheck = new() { IntervalSeconds = 1, Probe = "raw", Send = "70696e67", Expect = "70696e67" },
        };
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer((int)(rule.ListenPort ?? 0));
        foreach (var word in new[] { "one", "two", "three" })
        {
            Assert.Equal(word, Encoding.ASCII.GetString(await peer.AskAsync(Encoding.ASCII.GetBytes(word))));
            await backend.SaysAsync($"('127.0.0.1', {peer.Local.Port}) says b'{word}'");
        }

        await backend.SaysAsync("None says b'ping'");
        await Eventually.Equals(TargetStanding.Up, () => engine.Sample(version).Targets[0].Standing, "the probe is answered");
    }
}

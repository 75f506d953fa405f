using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>Programs that people really use with UDP, through rules: a DNS server and dig, iperf3, DTLS.</summary>
public sealed class UdpPeersTests
{
    private const string Loopback = "127.0.0.1";

    [ProgramFact("dnsmasq", "dig")]
    public async Task Dig_RuleOfEachProtocolOnOnePort_IsAnsweredByBoth()
    {
        var (listen, server) = (FreePorts.Take(), FreePorts.Take());
        await using var dnsmasq = StartDns(server);
        await using var engine = new RunningEngine();
        await engine.PutAsync(Rule("dns-udp", "udp", listen, server));
        await engine.PutAsync(Rule("dns-tcp", "tcp", listen, server));
        await AnswersAsync(server);

        foreach (var way in new[] { "+notcp", "+tcp" })
        {
            Assert.Equal("192.0.2.77", (await DigAsync(listen, "+short", way, "any.journey.test")).Trim());
        }

        await Eventually.Equals(1L, () => engine.Sample("dns-udp").Traffic.DatagramsOut, "answers by UDP");
        Assert.Equal(1, engine.Sample("dns-tcp").Accepted);
        Assert.Equal(1, engine.Sample("dns-udp").Traffic.DatagramsIn);
    }

    [ProgramFact("dnsmasq", "dig")]
    public async Task Dig_AnswerTooLargeForADatagram_IsAskedAgainByTcp()
    {
        var (listen, server) = (FreePorts.Take(), FreePorts.Take());
        var texts = Enumerable.Range(0, 12).Select(number => $"--txt-record=large.journey.test,{new string((char)('a' + number), 200)}").ToArray();
        await using var dnsmasq = StartDns(server, texts);
        await using var engine = new RunningEngine();
        await engine.PutAsync(Rule("dns-udp", "udp", listen, server));
        await engine.PutAsync(Rule("dns-tcp", "tcp", listen, server));
        await AnswersAsync(server);

        // 2,500 bytes in one datagram where the asking side takes that much, and a truncated one where it does not.
        var whole = await DigAsync(listen, "+short", "+ignore", "+bufsize=4096", "large.journey.test", "TXT");
        Assert.Equal(texts.Length, Lines(whole));
        Assert.Equal(0, engine.Sample("dns-tcp").Accepted);
        var again = await DigAsync(listen, "+short", "+bufsize=512", "large.journey.test", "TXT");
        Assert.Equal(texts.Length, Lines(again));
        Assert.Equal(1, engine.Sample("dns-tcp").Accepted);
    }

    [ProgramFact("iperf3")]
    public async Task Iperf3_UdpOneWayAndTheOther_LosesNothingUncounted()
    {
        var (listen, server) = (FreePorts.Take(), FreePorts.Take());
        await using var iperf = LiveProgram.Start("iperf3", "-s", "--forceflush", "-B", Loopback, "-p", Text(server));
        await iperf.SaysAsync("listening");
        await using var engine = new RunningEngine();
        await engine.PutAsync(Rule("iperf-udp", "udp", listen, server));
        await engine.PutAsync(Rule("iperf-tcp", "tcp", listen, server));

        foreach (var way in new[] { "-4", "-R" })
        {
            var before = engine.Sample("iperf-udp");
            var run = await CommandRun.RunAsync("iperf3", ["-c", Loopback, "-p", Text(listen), "-u", "-b", "20M", "-l", "1200", "-w", "1M", "-n", "2000000", "-J", way]);
            using var json = JsonDocument.Parse(run.Output);
            Assert.False(json.RootElement.TryGetProperty("error", out var error), $"{error}");
            var sum = json.RootElement.GetProperty("end").GetProperty("sum");
            var (sent, lost) = (sum.GetProperty("packets").GetInt64(), sum.GetProperty("lost_packets").GetInt64());
            var passed = way == "-R"
                ? engine.Sample("iperf-udp").Traffic.DatagramsOut - before.Traffic.DatagramsOut
                : engine.Sample("iperf-udp").Traffic.DatagramsIn - before.Traffic.DatagramsIn;

            Assert.InRange(sent, 1600, 1700);
            Assert.True(lost <= Drops(engine) - Drops(before), $"{lost} of {sent} lost, {Drops(engine) - Drops(before)} counted");
            Assert.True(passed >= sent - lost, $"{passed} passed on, {sent} sent, {lost} lost");
        }
    }

    [ProgramFact("openssl")]
    public async Task OpenSsl_DtlsThroughARule_ShakesHandsAndTalks()
    {
        var (listen, server) = (FreePorts.Take(), FreePorts.Take());
        using var folder = new TempFolder();
        WriteCertificate(folder);
        await using var engine = new RunningEngine();
        await engine.PutAsync(Rule("dtls", "udp", listen, server));
        await using var far = LiveProgram.Start(
            "openssl", "s_server", "-dtls", "-listen", "-accept", $"{Loopback}:{server}", "-cert", folder.File("cert.pem"), "-key", folder.File("key.pem"));
        await far.SaysAsync("ACCEPT");
        await using var near = LiveProgram.Start(
            "openssl", "s_client", "-dtls", "-connect", $"{Loopback}:{listen}", "-CAfile", folder.File("cert.pem"), "-verify_return_error");

        await near.SaysAsync("Verify return code: 0 (ok)");
        await near.WriteLineAsync("from the near side");
        await far.SaysAsync("from the near side");
        await far.WriteLineAsync("from the far side");
        await near.SaysAsync("from the far side");

        var sample = engine.Sample("dtls");
        Assert.Equal((1, 1), (sample.Accepted, sample.Traffic.FlowsActive));
        Assert.Equal(0, Drops(sample));
    }

    private static RuleSpec Rule(string name, string protocol, int listen, int target) => RunningEngine.Rule(name, target) with
    {
        Protocol = protocol,
        ListenPort = listen,
    };

    private static LiveProgram StartDns(int port, params string[] more) => LiveProgram.Start(
        "dnsmasq",
        ["-d", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--bind-interfaces", $"--listen-address={Loopback}", $"--port={Text(port)}", "--edns-packet-max=4096", "--address=/journey.test/192.0.2.77", .. more]);

    /// <summary>Waits until the server itself answers.</summary>
    private static Task AnswersAsync(int server) => Eventually.Holds(
        () => CommandRun.RunAsync("dig", [$"@{Loopback}", "-p", Text(server), "+short", "+tries=1", "+time=1", "ready.journey.test"]).GetAwaiter().GetResult().ExitCode == 0,
        "dnsmasq answers");

    private static async Task<string> DigAsync(int port, params string[] more)
    {
        var run = await CommandRun.RunAsync("dig", [$"@{Loopback}", "-p", Text(port), "+tries=1", "+time=10", .. more]);
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        return run.Output;
    }

    private static int Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;

    private static long Drops(RunningEngine engine) => Drops(engine.Sample("iperf-udp"));

    private static long Drops(RuleSample sample) => sample.DropsIn.Values.Sum() + sample.DropsOut.Values.Sum();

    private static void WriteCertificate(TempFolder folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=dtls.journey.test", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero));
        File.WriteAllText(folder.File("cert.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(folder.File("key.pem"), key.ExportPkcs8PrivateKeyPem());
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

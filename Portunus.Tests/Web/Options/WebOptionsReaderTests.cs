using System.Net;
using Portunus.Tests.Kit;
using Portunus.Web.Options;

namespace Portunus.Tests.Web.Options;

/// <summary>Flag over environment over file over default, and every problem at once.</summary>
public sealed class WebOptionsReaderTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Nothing_GivesTheDefaults()
    {
        var options = Read("", [], [])!;
        Assert.Equal("127.0.0.1:7080", options.AdminListen.ToString());
        Assert.Equal("0.0.0.0:7443", options.LinkListen.ToString());
        Assert.Equal("127.0.0.1:7081", options.MetricsListen.ToString());
        Assert.Equal((null, 365, LogFormat.Text), (options.AdminPublicOrigin, options.AuditRetentionDays, options.LogFormat));
    }

    [Fact]
    public void Layers_WinInTheirOrder()
    {
        const string File = "admin_listen = \"127.0.0.1:1\"\nlog_format = \"json\"\naudit_retention_days = 5\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n";
        var variables = new Dictionary<string, string> { ["PORTUNUS_ADMIN_LISTEN"] = "127.0.0.1:2", ["PORTUNUS_AUDIT_RETENTION_DAYS"] = "6", ["PORTUNUS_LOG_FORMAT"] = "" };
        var options = Read(File, variables, new() { ["--admin-listen"] = "[::1]:3" })!;
        Assert.Equal(("[::1]:3", 6, LogFormat.Json), (options.AdminListen.ToString(), options.AuditRetentionDays, options.LogFormat));
        Assert.Equal([IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("::1/128")], options.TrustedProxies);
    }

    [Fact]
    public void EverythingWrong_IsToldAtOnceWithItsPlace()
    {
        const string File = """
            admin_listen = "7080"
            admin_lisen = "127.0.0.1:7080"
            log_level = 3
            audit_retention_days = -1
            admin_public_origin = "https://example.org/"
            """;
        Assert.Null(Read(File, new() { ["PORTUNUS_LOG_FORMAT"] = "xml" }, new() { ["--trusted-proxies"] = "everybody" }, out var problems));
        Assert.Equal(7, problems.Count);
        Assert.Contains(problems, problem => problem.Contains("line 2", StringComparison.Ordinal) && problem.Contains("did you mean admin_listen?", StringComparison.Ordinal));
        foreach (var place in new[] { "admin_listen (", "line 3: log_level", "audit_retention_days (", "admin_public_origin (", "PORTUNUS_LOG_FORMAT", "--trusted-proxies" })
        {
            Assert.Contains(problems, problem => problem.Contains(place, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("0.0.0.0:7080", null, false)]
    [InlineData("192.0.2.1:7080", "http://example.org", false)]
    [InlineData("0.0.0.0:7080", "https://example.org", true)]
    [InlineData("127.0.0.5:7080", null, true)]
    [InlineData("[::1]:7080", null, true)]
    [InlineData("[::]:7080", null, false)]
    public void ListenerOpenToOthers_NeedsTls(string listen, string? origin, bool isGood)
    {
        var flags = new Dictionary<string, string> { ["--admin-listen"] = listen };
        if (origin is not null)
        {
            flags["--admin-public-origin"] = origin;
        }

        Assert.Equal(isGood, Read("", [], flags) is not null);
    }

    [Theory]
    [InlineData("--metrics-listen", "0.0.0.0:7081")]
    [InlineData("--metrics-listen", "127.0.0.1:7080")]
    [InlineData("--link-listen", "0.0.0.0:7080")]
    [InlineData("--admin-tls-cert", "/nowhere/cert.pem")]
    [InlineData("--admin-listen", "::1:7080")]
    [InlineData("--admin-listen", "localhost:7080")]
    [InlineData("--admin-listen", "127.0.0.1:70800")]
    [InlineData("--admin-public-origin", "https://user@example.org")]
    [InlineData("--admin-public-origin", "https://example.org/path")]
    [InlineData("--admin-public-origin", "ftp://example.org")]
    [InlineData("--admin-public-origin", "https://example.org?x")]
    [InlineData("--advertised-address", "example.org")]
    [InlineData("--advertised-address", "https://example.org:1")]
    [InlineData("--audit-retention-days", "36501")]
    public void BadValue_IsRefused(string flag, string value) => Assert.Null(Read("", [], new() { [flag] = value }));

    [Theory]
    [InlineData("--admin-public-origin", "https://example.org:8443")]
    [InlineData("--admin-public-origin", "https://[2001:db8::1]")]
    [InlineData("--advertised-address", "[2001:db8::1]:7443")]
    [InlineData("--advertised-address", "edge.example.org:443")]
    public void GoodValue_IsTaken(string flag, string value) => Assert.NotNull(Read("", [], new() { [flag] = value }));

    [Fact]
    public void DataDirectory_IsFoundByFlagVariableStateAndHome()
    {
        string? Find(Dictionary<string, string> flags, Dictionary<string, string> variables) => WebOptionsReader.DataDir(flags, variables.GetValueOrDefault);
        Dictionary<string, string> variables = new()
        {
            ["PORTUNUS_DATA_DIR"] = "/b", ["STATE_DIRECTORY"] = "/c:/d", ["XDG_STATE_HOME"] = "/e", ["HOME"] = "/f",
        };
        Assert.Equal("/a", Find(new() { ["--data-dir"] = "/a" }, variables));
        Assert.Equal("/b", Find([], variables));
        variables.Remove("PORTUNUS_DATA_DIR");
        Assert.Equal("/c", Find([], variables));
        variables.Remove("STATE_DIRECTORY");
        Assert.Equal("/e/portunus-web", Find([], variables));
        variables.Remove("XDG_STATE_HOME");
        Assert.Equal("/f/.local/state/portunus-web", Find([], variables));
        Assert.Null(Find([], []));
    }

    [Fact]
    public void KeyReadableByOthers_IsRefused()
    {
        using var authority = new TestAuthority();
        TestAuthority.Write(_folder, authority.Issue("edge"));
        Dictionary<string, string> flags = new() { ["--admin-tls-cert"] = _folder.File("cert.pem"), ["--admin-tls-key"] = "key.pem" };
        File.SetUnixFileMode(_folder.File("key.pem"), UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Null(Read("", [], flags));
        File.SetUnixFileMode(_folder.File("key.pem"), UnixFileMode.UserRead);
        // A path without a root is meant from the data directory.
        Assert.Equal(_folder.File("key.pem"), Read("", [], flags)?.AdminTlsKey);
        flags.Remove("--admin-tls-key");
        Assert.Null(Read("", [], flags));
    }

    [Fact]
    public void CertificateAndKey_ThatAreNoPair_AreRefusedWithOneSentence()
    {
        using var authority = new TestAuthority();
        var (mine, other) = (authority.Issue("mine"), authority.Issue("other"));
        var flags = new Dictionary<string, string> { ["--admin-tls-cert"] = "cert.pem", ["--admin-tls-key"] = "key.pem" };
        foreach (var (chain, key, sentence) in new[]
        {
            (mine.Chain, other.Key, "do not go together"),
            (mine.Chain, "", "do not go together"),
            (mine.Chain, mine.Chain, "do not go together"),
            (mine.Chain, mine.Key[..60], "do not go together"),
            ("", mine.Key, "holds no certificate"),
            (mine.Key, mine.Key, "holds no certificate"),
            (mine.Chain[..100], mine.Key, "holds no certificate"),
            (mine.Chain, "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n", "sealed to a passphrase"),
        })
        {
            TestAuthority.Write(_folder, (chain, key));
            Assert.Null(Read("", [], flags, out var problems));
            Assert.Contains(sentence, Assert.Single(problems), StringComparison.Ordinal);
        }
    }

    [ProgramFact("openssl")]
    public async Task KeysAsOpensslWritesThem_AreTaken()
    {
        var (cert, key) = (_folder.File("cert.pem"), _folder.File("key.pem"));
        var flags = new Dictionary<string, string> { ["--admin-tls-cert"] = cert, ["--admin-tls-key"] = key };
        foreach (var make in new[] { "genrsa -traditional -out", "genrsa -out", "ecparam -name prime256v1 -genkey -out", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out" })
        {
            Assert.Equal(0, (await CommandRun.RunAsync("openssl", [.. make.Split(' '), key])).ExitCode);
            Assert.Equal(0, (await CommandRun.RunAsync("openssl", ["req", "-x509", "-key", key, "-subj", "/CN=edge", "-days", "30", "-out", cert])).ExitCode);
            File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            Assert.True(Read("", [], flags, out var problems) is not null, $"{make}: {string.Join(' ', problems)}");
        }
    }

    private WebOptions? Read(string file, Dictionary<string, string> variables, Dictionary<string, string> flags) => Read(file, variables, flags, out _);

    private WebOptions? Read(string file, Dictionary<string, string> variables, Dictionary<string, string> flags, out IReadOnlyList<string> problems)
    {
        File.WriteAllText(_folder.File("server.toml"), file);
        flags["--data-dir"] = _folder.Path;
        return WebOptionsReader.Read(flags, variables.GetValueOrDefault, out problems);
    }
}

using Portunus.Tests.Kit;

namespace Portunus.Tests.Web.Maintenance;

/// <summary><c>check</c> says what the start would say, and makes nothing.</summary>
public sealed class CheckVerbTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task GoodOptions_AreToldAndNothingIsMade()
    {
        var check = (await WebVerb.RunAsync(_folder.File("new"), "check", "--admin-listen", "127.0.0.1:7999")).Ends(0);
        Assert.Contains("127.0.0.1:7999", check.Output, StringComparison.Ordinal);
        Assert.Contains("no store yet", check.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("new")));
    }

    [Fact]
    public async Task EveryKeyOfTheFile_IsTaken()
    {
        using var authority = new TestAuthority();
        TestAuthority.Write(_folder, authority.Issue("edge"));
        await File.WriteAllTextAsync(_folder.File("server.toml"), """
            admin_listen = "0.0.0.0:7080"
            admin_public_origin = "https://portunus.example.org"
            admin_tls_cert = "cert.pem"
            admin_tls_key = "key.pem"
            link_listen = "[::]:7443"
            metrics_listen = "[::1]:7081"
            advertised_address = "portunus.example.org:7443"
            trusted_proxies = ["10.0.0.0/8", "::1"]
            log_level = "warn"
            log_format = "json"
            audit_retention_days = 0
            """);
        var check = (await WebVerb.RunAsync(_folder.Path, "check")).Ends(0);
        Assert.Contains("0.0.0.0:7080, HTTPS, reached as https://portunus.example.org", check.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DataDirectoryThatIsAFile_IsRefused()
    {
        await File.WriteAllTextAsync(_folder.File("file"), "");
        Assert.Contains("must be a folder", (await WebVerb.RunAsync(_folder.File("file"), "check")).Ends(2).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EverythingWrong_IsToldAtOnce()
    {
        var check = (await WebVerb.RunAsync(_folder.Path, "check", "--log-level", "loud", "--metrics-listen", "0.0.0.0:1", "--admin-listen", "0.0.0.0:7080", "--admin-tls-key", "/nowhere")).Ends(2);
        Assert.Equal(5, check.Errors.Trim().Split('\n').Length);
    }

    [Theory]
    [InlineData("--admin-lisen", "--admin-lisen is not a flag; did you mean --admin-listen?")]
    [InlineData("setup-tokn", "\"setup-tokn\" is not a command; did you mean setup-token?")]
    [InlineData("--unheard-of", "--unheard-of is not a flag.")]
    public async Task MistypedWord_IsAnsweredWithTheNearest(string word, string sentence) =>
        Assert.StartsWith($"{sentence}\n", (await WebVerb.RunAsync(_folder.Path, word)).Ends(2).Errors, StringComparison.Ordinal);
}

using Portunus.Shared.RuleFiles;

namespace Portunus.Tests.Shared.RuleFiles;

public sealed class NearestNameTests
{
    private static readonly string[] s_known = ["name", "note", "listen_port", "listen_ports", "listen_address", "connect_timeout_ms"];

    [Theory]
    [InlineData("nmae", "name")]
    [InlineData("nam", "name")]
    [InlineData("names", "name")]
    [InlineData("NOTE", "note")]
    [InlineData("listen-port", "listen_port")]
    [InlineData("listenport", "listen_port")]
    [InlineData("port_listen", null)]
    [InlineData("listen_prots", "listen_ports")]
    [InlineData("listen", "listen_port")]
    [InlineData("connect", "connect_timeout_ms")]
    [InlineData("co", null)]
    [InlineData("", null)]
    [InlineData("timeout", null)]
    public void Word_FindsTheNameThatWasMeant(string word, string? name)
    {
        Assert.Equal(name, NearestName.Find(word, s_known));
    }

    [Fact]
    public void VeryLongWord_IsNoMisspelling()
    {
        Assert.Null(NearestName.Find(new string('n', 5_000_000), s_known));
    }
}

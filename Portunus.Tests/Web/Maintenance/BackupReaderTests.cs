using Portunus.Web.Maintenance;

namespace Portunus.Tests.Web.Maintenance;

/// <summary>Where a file of a backup may go.</summary>
public sealed class BackupReaderTests
{
    [Theory]
    [InlineData("server.toml")]
    [InlineData("link/current.pem")]
    [InlineData("portunus.db")]
    public void IsGoodName_OfOurs(string name) => Assert.True(BackupReader.IsGoodName(name));

    [Theory]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("../portunus.db")]
    [InlineData("link/../../x")]
    [InlineData("link//x")]
    [InlineData(".ssh/authorized_keys")]
    [InlineData("a/b/c/d")]
    [InlineData("a\\b")]
    [InlineData("portunus.lock")]
    [InlineData("portunus.db-wal")]
    [InlineData("replacement.decided/order")]
    public void IsGoodName_OfOthers_IsNot(string name) => Assert.False(BackupReader.IsGoodName(name));
}

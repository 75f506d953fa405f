using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Portunus.Edge.Targets;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Targets;

public sealed class ResolverFilesTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ResolverOptions _options;
    private readonly ResolverFiles _files;

    public ResolverFilesTests()
    {
        _options = new ResolverOptions { ResolvConfPath = _folder.File("resolv.conf"), HostsPath = _folder.File("hosts") };
        _files = new ResolverFiles(_options, NullLogger.Instance);
    }

    [Fact]
    public void Files_Absent_AreEmpty()
    {
        Assert.Equal(IPAddress.Loopback, Assert.Single(_files.Conf.NameServers).Address);
        Assert.Null(_files.Hosts.Find("db"));
    }

    [Fact]
    public void Files_WrittenChangedAndRemoved_AreReadAgain()
    {
        File.WriteAllText(_options.ResolvConfPath, "nameserver 192.0.2.1\n");
        File.WriteAllText(_options.HostsPath, "192.0.2.7 db\n");
        Assert.Equal("192.0.2.1", _files.Conf.NameServers[0].Address.ToString());
        Assert.NotNull(_files.Hosts.Find("db"));

        File.WriteAllText(_options.ResolvConfPath, "nameserver 192.0.2.2\n");
        File.WriteAllText(_options.HostsPath, "192.0.2.7 other\n");
        Assert.Equal("192.0.2.2", _files.Conf.NameServers[0].Address.ToString());
        Assert.Null(_files.Hosts.Find("db"));

        File.Delete(_options.ResolvConfPath);
        File.Delete(_options.HostsPath);
        Assert.Equal(IPAddress.Loopback, _files.Conf.NameServers[0].Address);
        Assert.Null(_files.Hosts.Find("other"));
    }

    [Fact]
    public void Files_Unchanged_AreNotReadAgain()
    {
        File.WriteAllText(_options.ResolvConfPath, "nameserver 192.0.2.1\n");
        Assert.Same(_files.Conf, _files.Conf);
    }

    [Fact]
    public void Files_BehindASymbolicLink_AreFollowed()
    {
        var real = _folder.File("stub-resolv.conf");
        File.WriteAllText(real, "nameserver 192.0.2.1\n");
        File.CreateSymbolicLink(_options.ResolvConfPath, real);
        Assert.Equal("192.0.2.1", _files.Conf.NameServers[0].Address.ToString());
        File.WriteAllText(real, "nameserver 192.0.2.2\n");
        Assert.Equal("192.0.2.2", _files.Conf.NameServers[0].Address.ToString());
    }

    [Fact]
    public void Files_ThatCannotBeRead_LeaveWhatWasKnown()
    {
        File.WriteAllText(_options.ResolvConfPath, "nameserver 192.0.2.1\n");
        Assert.Equal("192.0.2.1", _files.Conf.NameServers[0].Address.ToString());
        File.Delete(_options.ResolvConfPath);
        // A folder is there and cannot be read as a file, by root neither.
        Directory.CreateDirectory(_options.ResolvConfPath);
        Assert.Equal("192.0.2.1", _files.Conf.NameServers[0].Address.ToString());
    }

    [Fact]
    public void NameServers_OfTheOptions_StandInForThoseOfTheFile()
    {
        var server = new IPEndPoint(IPAddress.Loopback, 5353);
        File.WriteAllText(_options.ResolvConfPath, "nameserver 192.0.2.1\noptions ndots:4\n");
        var files = new ResolverFiles(new ResolverOptions { ResolvConfPath = _options.ResolvConfPath, NameServers = [server] }, NullLogger.Instance);
        Assert.Equal([server], files.Conf.NameServers);
        Assert.Equal(4, files.Conf.Ndots);
    }

    public void Dispose() => _folder.Dispose();
}

using Portunus.Edge.Targets;

namespace Portunus.Tests.Edge.Targets;

public sealed class HostsTableTests
{
    [Fact]
    public void Read_SeveralLinesOfOneName_AllAddressesInOrder()
    {
        var hosts = HostsTable.Read("""
            127.0.0.1	localhost
            192.0.2.7   db.example DB  # the old one
            2001:db8::7 db.example.
            192.0.2.7   db
            #192.0.2.8  db
            """);
        Assert.Equal(["192.0.2.7", "2001:db8::7"], Found(hosts, "db.example"));
        Assert.Equal(["192.0.2.7"], Found(hosts, "db"));
        Assert.Null(hosts.Find("old"));
    }

    [Theory]
    [InlineData("192.0.2.7")]
    [InlineData("db 192.0.2.7")]
    [InlineData("192.0.2.777 db")]
    [InlineData("fe80::1%nosuch0 db")]
    [InlineData("# 192.0.2.7 db")]
    public void Read_LineWithoutSense_IsPassedOver(string line)
    {
        var hosts = HostsTable.Read($"{line}\r\n192.0.2.1 sound\r\n");
        Assert.Null(hosts.Find("db"));
        Assert.Equal(["192.0.2.1"], Found(hosts, "sound"));
    }

    [Fact]
    public void Read_MappedAddress_IsThePlainOne()
    {
        Assert.Equal(["127.0.0.1"], Found(HostsTable.Read("::ffff:127.0.0.1 db\n127.0.0.1 db"), "db"));
    }

    private static IEnumerable<string>? Found(HostsTable hosts, string name) => hosts.Find(name)?.Select(address => address.ToString());
}

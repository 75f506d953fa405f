using Portunus.Shared.Ids;
using Portunus.Shared.Rules;
using Portunus.Web.Database.Tables;
using Portunus.Web.Grants;
using Portunus.Web.Outcomes;

namespace Portunus.Tests.Web.Grants;

public sealed class GrantCheckTests
{
    private static readonly DateTimeOffset s_now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly EdgeId s_edge = EdgeId.New();

    [Theory]
    [InlineData(1000, 2000, true)]
    [InlineData(1000, 1000, true)]
    [InlineData(2000, 2000, true)]
    [InlineData(999, 1000, false)]
    [InlineData(2000, 2001, false)]
    [InlineData(999, 2001, false)]
    public void OneGrant_MustCoverTheWholeRange(int first, int last, bool wanted)
    {
        Assert.Equal(wanted ? null : "ports_not_granted", Refusal([Grant()], TransportProtocol.Tcp, first, last));
    }

    [Fact]
    public void TwoGrants_DoNotAddUp()
    {
        Grant[] grants = [Grant(), Grant(grant => (grant.FirstPort, grant.LastPort) = (2001, 3000))];

        Assert.Equal("ports_not_granted", Refusal(grants, TransportProtocol.Tcp, 1500, 2500));
        Assert.Null(Refusal(grants, TransportProtocol.Tcp, 2001, 2500));
    }

    [Fact]
    public void Refusals_ComeInOrder()
    {
        Assert.Equal("edge_not_granted", Refusal([], TransportProtocol.Tcp, 1000, 1000));
        Assert.Equal("edge_not_granted", Refusal([Grant(grant => grant.EdgeId = EdgeId.New())], TransportProtocol.Tcp, 1000, 1000));
        Assert.Equal("protocol_not_granted", Refusal([Grant()], TransportProtocol.Udp, 9, 9));
        Assert.Equal("ports_not_granted", Refusal([Grant(), Grant(grant => (grant.Udp, grant.LastPort) = (true, 1000))], TransportProtocol.Udp, 1500, 1500));
    }

    [Fact]
    public void GrantOfEveryEdge_CoversThisOne()
    {
        Assert.Null(Refusal([Grant(grant => grant.EdgeId = null)], TransportProtocol.Tcp, 1000, 1000));
    }

    [Fact]
    public void GrantThatHasEnded_CoversNothing()
    {
        Assert.Equal("edge_not_granted", Refusal([Grant(grant => grant.ExpiresAt = s_now)], TransportProtocol.Tcp, 1000, 1000));
        Assert.Null(Refusal([Grant(grant => grant.ExpiresAt = s_now.AddTicks(1))], TransportProtocol.Tcp, 1000, 1000));
    }

    [Fact]
    public void Cover_LastsAsLongAsTheLongestGrant()
    {
        var (soon, late) = (s_now.AddHours(1), s_now.AddHours(2));

        Assert.Equal(new GrantCover(late, false), Cover([Grant(grant => grant.ExpiresAt = soon), Grant(grant => grant.ExpiresAt = late)]));
        Assert.Equal(new GrantCover(null, true), Cover([Grant(grant => (grant.ExpiresAt, grant.LocalTargets) = (soon, true)), Grant()]));
        Assert.Null(Cover([Grant(grant => grant.LastPort = 1000)]));
    }

    private static GrantCover? Cover(Grant[] grants) => GrantCheck.Cover(grants, s_edge, TransportProtocol.Tcp, new PortRange(1000, 1001), s_now);

    private static string? Refusal(Grant[] grants, TransportProtocol protocol, int first, int last)
    {
        var problem = GrantCheck.Refusal(grants, s_edge, protocol, new PortRange(first, last), s_now);
        Assert.Equal(problem is null, GrantCheck.Cover(grants, s_edge, protocol, new PortRange(first, last), s_now) is not null);
        Assert.True(problem is null or { Kind: ProblemKind.Forbidden });
        return problem?.Code;
    }

    private static Grant Grant(Action<Grant>? change = null)
    {
        var grant = new Grant { EdgeId = s_edge, FirstPort = 1000, LastPort = 2000, Tcp = true };
        change?.Invoke(grant);
        return grant;
    }
}

using System.Text.Json;
using Portunus.Shared.Ids;
using Portunus.Shared.Json;
using Portunus.Shared.Link;
using Portunus.Shared.Plans;

namespace Portunus.Tests.Shared.Plans;

public sealed class PlanReadingTests
{
    private const string Rule = """{"name":"a","listen_port":8080,"target":"192.0.2.1:80"}""";
    private static readonly DateTimeOffset s_noon = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Read_RuleThatIsThereTwice_IsRefusedAndThereOnce()
    {
        var twice = Entry(Rule);
        var plan = PlanReading.Read(new PlanMessage("epoch", 1, [twice, twice with { Revision = 2 }], new Dictionary<AccountId, RawJson>()));

        var read = Assert.Single(plan.Rules);
        Assert.Null(read.Rule);
        Assert.Equal("The plan says two things about it.", read.Unread);
    }

    [Fact]
    public void Read_MessageThatWentOverTheWire_IsThePlanThatWasSent()
    {
        var owner = AccountId.New();
        var sent = new PlanMessage("e", 7,
        [
            Entry(Rule) with { Owner = owner, LocalTargets = true, CutBefore = new FlowOrder(2, null), DrainBefore = new FlowOrder(3, s_noon) },
            new PlanEntry { Id = RuleId.New(), Revision = 9, CutBefore = new FlowOrder(9, null) },
        ], new Dictionary<AccountId, RawJson> { [owner] = new("""{"concurrent_flows":5}""") });
        var message = Through(sent);
        Assert.Equal(sent.Revision, message.Revision);
        var plan = PlanReading.Read(message);
        Assert.Equal(5, plan.OwnerLimits[owner].ConcurrentFlows);
        var (rule, tombstone) = (plan.Rules[0], plan.Rules[1]);
        Assert.Equal((sent.Rules[0].Id, 4L, owner, true, null), (rule.Id, rule.Revision, rule.Owner, rule.LocalTargets, rule.Unread));
        Assert.Equal(("a", 8080, true), (rule.Rule!.Name, rule.Rule.ListenPorts.First, rule.Rule.Enabled));
        Assert.Equal((new FlowOrder(2, null), new FlowOrder(3, s_noon)), (rule.CutBefore, rule.DrainBefore));
        Assert.Equal((null, null, 9L), (tombstone.Rule, tombstone.Unread, tombstone.Revision));
    }

    [Fact]
    public void Read_WithoutAWordAboutLocalTargets_KeepsThemClosed() =>
        Assert.False(Single(Entry(Rule)).LocalTargets);

    [Theory]
    [InlineData("""{"name":"a","listen_port":8080,"target":"192.0.2.1:80","deny_countries":["XX"]}""", "deny_countries")]
    [InlineData("""{"name":"a","listen_port":0,"target":"192.0.2.1:80"}""", "listen_port")]
    [InlineData("[]", "")]
    public void Read_RuleThatIsNotUnderstood_IsRefusedAndNothingOfItRuns(string rule, string word)
    {
        var plan = PlanReading.Read(Through(new PlanMessage("e", 1, [Entry(rule), Entry(Rule)], new Dictionary<AccountId, RawJson>())));
        Assert.Null(plan.Rules[0].Rule);
        Assert.Contains(word, plan.Rules[0].Unread, StringComparison.Ordinal);
        Assert.NotNull(plan.Rules[1].Rule);
    }

    [Fact]
    public void Read_EntryWithMoreThanIsKnown_IsRefusedByName()
    {
        var text = JsonSerializer.Serialize(new PlanMessage("e", 1, [Entry(Rule)], new Dictionary<AccountId, RawJson>()), LinkJson.Default.PlanMessage);
        var more = text.Replace("\"local_targets\":", "\"lease\":{\"bytes\":1},\"local_targets\":", StringComparison.Ordinal);
        Assert.NotEqual(text, more);
        var planned = PlanReading.Read(JsonSerializer.Deserialize(more, LinkJson.Default.PlanMessage)!).Rules[0];
        Assert.Null(planned.Rule);
        Assert.Contains("lease", planned.Unread, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_OwnerLimitsThatAreNotUnderstood_RefuseThatOwnersRulesOnly()
    {
        var (one, other) = (AccountId.New(), AccountId.New());
        var plan = PlanReading.Read(Through(new PlanMessage("e", 1, [Entry(Rule) with { Owner = one }, Entry(Rule) with { Owner = other }],
            new Dictionary<AccountId, RawJson> { [one] = new("""{"per_country":1}""") })));
        Assert.NotNull(plan.Rules[0].Unread);
        Assert.NotNull(plan.Rules[1].Rule);
    }

    [Fact]
    public void Read_ForbiddenRule_IsStopped() => Assert.False(Single(Entry(Rule) with { Forbidden = true }).Rule!.Enabled);

    [Theory]
    [InlineData(null, 5, 5)]
    [InlineData(3, 5, 3)]
    [InlineData(8, 5, 5)]
    [InlineData(8, null, 8)]
    public void Read_GrantsEnd_IsTheRulesEndWhereItIsSooner(int? own, int? grant, int? expected)
    {
        var rule = own is { } hours ? Rule.Replace("{\"name\"", $"{{\"expires_at\":\"{s_noon.AddHours(hours):O}\",\"name\"", StringComparison.Ordinal) : Rule;
        var planned = Single(Entry(rule) with { Until = grant is { } end ? s_noon.AddHours(end) : null });
        Assert.Equal(expected is { } at ? s_noon.AddHours(at) : null, planned.Rule!.ExpiresAt);
    }

    private static PlanEntry Entry(string rule) => new() { Id = RuleId.New(), Revision = 4, Rule = new RawJson(rule) };

    private static PlannedRule Single(PlanEntry entry) =>
        PlanReading.Read(Through(new PlanMessage("e", 1, [entry], new Dictionary<AccountId, RawJson>()))).Rules[0];

    private static PlanMessage Through(PlanMessage message) =>
        JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(message, LinkJson.Default.PlanMessage), LinkJson.Default.PlanMessage)!;
}

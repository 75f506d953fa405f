using System.Text.Json;
using Portunus.Shared.Ids;
using Portunus.Shared.Link;
using Portunus.Shared.Samples;

namespace Portunus.Tests.Shared.Link;

public sealed class LinkJsonTests
{
    [Fact]
    public void Samples_GoThroughAsTheyAre()
    {
        var batch = new SampleBatch
        {
            Boot = Guid.NewGuid(),
            Sequence = 9,
            TakenAt = DateTimeOffset.UnixEpoch,
            IsLast = true,
            Rules = [new RuleTotals
            {
                Rule = RuleId.New(),
                Owner = AccountId.New(),
                Traffic = new TrafficCount(1, 2, 3, 4, 5, 6),
                Accepted = 7,
                Ends = new Dictionary<string, long> { ["completed"] = 3 },
                Targets = [new TargetTotals("h", 1, "up", new TrafficCount(1, 1, 1, 1), 0, 1.5)],
            }],
        };
        var text = JsonSerializer.Serialize(batch, LinkJson.Default.SampleBatch);
        Assert.Contains("\"taken_at\"", text, StringComparison.Ordinal);
        Assert.Contains("\"bytes_in\":1", text, StringComparison.Ordinal);
        Assert.DoesNotContain("null", text, StringComparison.Ordinal);
        Assert.Equal(text, JsonSerializer.Serialize(JsonSerializer.Deserialize(text, LinkJson.Default.SampleBatch)!, LinkJson.Default.SampleBatch));
    }

    [Fact]
    public void Hello_WithFieldsOfALaterVersion_IsReadWithoutThem()
    {
        const string Text = """{"link_version":1,"version":"9.0","features":["x"],"boot":"018f0000-0000-7000-8000-000000000001","older_boots":[],"moon":"full"}""";
        Assert.Equal("9.0", JsonSerializer.Deserialize(Text, LinkJson.Default.EdgeHello)!.Version);
    }

    [Theory]
    [InlineData("\"018F0000-0000-7000-8000-000000000001\"", true)]
    [InlineData("\"018f0000\"", false)]
    [InlineData("7", false)]
    [InlineData("null", false)]
    public void Ids_AreStringsOfOneSpelling(string text, bool isRead)
    {
        if (isRead)
        {
            Assert.Equal("018f0000-0000-7000-8000-000000000001", JsonSerializer.Deserialize<RuleId>(text).ToString());
        }
        else
        {
            Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<RuleId>(text));
        }
    }
}

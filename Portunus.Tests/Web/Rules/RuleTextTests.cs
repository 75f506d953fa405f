using System.Text.Json;
using Portunus.Shared.Ids;
using Portunus.Shared.Rules;
using Portunus.Web.Outcomes;
using Portunus.Web.Rules;

namespace Portunus.Tests.Web.Rules;

public sealed class RuleTextTests
{
    private static readonly RuleAsked s_stored = new(EdgeId.New(), AccountId.New(), new RuleSpec
    {
        Name = "web",
        ListenPort = 80,
        Target = "a.example:1",
        Note = "kept",
        Limits = new LimitSpec { ConcurrentFlows = 5, NewFlowsPerSecond = 7 },
    });

    [Fact]
    public void Patch_ChangesWhatItSays()
    {
        var asked = Patch("""{"note":null,"listen_port":81,"limits":{"concurrent_flows":null,"bytes_per_second_in":9},"sni":"b.example"}""").Value;

        Assert.Equal((s_stored.Edge, s_stored.Owner), (asked.Edge, asked.Owner));
        Assert.Equal(("web", 81L, null, "a.example:1"), (asked.Spec.Name, asked.Spec.ListenPort, asked.Spec.Note, asked.Spec.Target));
        Assert.Equal(new LimitSpec { NewFlowsPerSecond = 7, BytesPerSecondIn = 9 }, asked.Spec.Limits);
        Assert.Equal(["b.example"], asked.Spec.Sni);
    }

    [Fact]
    public void PatchOfOneSpelling_TakesTheOthersPlace()
    {
        var asked = Patch("""{"listen_ports":"90-91","targets":[{"host":"b.example","port":2}]}""").Value;

        Assert.Equal((null, "90-91", null, 1), (asked.Spec.ListenPort, asked.Spec.ListenPorts, asked.Spec.Target, asked.Spec.Targets?.Count));
        Assert.Equal(["listen_port", "listen_ports"], Properties(RuleText.Patch(asked, Element("""{"listen_ports":"1-2","listen_port":5}""")).Value.Spec));
    }

    [Theory]
    [InlineData("""{"nmae":null}""", "unknown_field nmae", "Malformed")]
    [InlineData("""{"limits":{"concurent_flows":null}}""", "unknown_field limits.concurent_flows", "Malformed")]
    [InlineData("""{"note":"a","note":"b"}""", "duplicate_field note", "Malformed")]
    [InlineData("""{"enabled":1}""", "wrong_type enabled", "Malformed")]
    [InlineData("""[]""", "wrong_type ", "Malformed")]
    [InlineData("""{"edge":"first"}""", "edge_malformed edge", "Invalid")]
    [InlineData("""{"owner":"me"}""", "owner_malformed owner", "Invalid")]
    [InlineData("""{"edge":null}""", "edge_missing edge", "Invalid")]
    [InlineData("""{"expires_at":"tomorrow"}""", "instant_malformed expires_at", "Invalid")]
    public void WrongPatch_IsToldByItsField(string patch, string wanted, string kind)
    {
        var problem = Assert.Single(Patch(patch).Problems);

        Assert.Equal((wanted, kind), ($"{problem.Code} {problem.Field}", problem.Kind.ToString()));
    }

    [Fact]
    public void WholeRule_TellsItsEdgeAndWhatIsWrongWithTheRest()
    {
        Assert.Equal(["edge_missing edge", "out_of_range listen_port", "unknown_field lable"],
            RuleText.Read(Element("""{"lable":"x","listen_port":0,"target":"a.example:1"}""")).Problems.Select(problem => $"{problem.Code} {problem.Field}").Order());
        Assert.Equal(s_stored.Edge, RuleText.Read(Element($$"""{"edge":"{{s_stored.Edge}}","listen_port":0}""")).Value.Edge);
    }

    private static string[] Properties(RuleSpec spec) =>
        [.. new[] { spec.ListenPort is null ? "" : "listen_port", spec.ListenPorts is null ? "" : "listen_ports" }.Where(name => name.Length > 0)];

    private static Outcome<RuleAsked> Patch(string patch) => RuleText.Patch(s_stored, Element(patch));

    private static JsonElement Element(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}

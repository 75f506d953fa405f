using System.Text.Json;
using Portunus.Web.Api;

namespace Portunus.Tests.Web.Api;

/// <summary>Everything wrong with a body is told at once, by path.</summary>
public sealed class StrictJsonTests
{
    internal sealed record Inner(string? Host, long? Port);

    internal sealed record Asked(string? Name, bool? Enabled, long? Count, DateTimeOffset? ExpiresAt, IReadOnlyList<string>? Names, IReadOnlyList<Inner>? Targets, Inner? One, DayOfWeek? Day);

    [Fact]
    public void WellFormed_IsRead()
    {
        var asked = Read("""
            {"name":"a","enabled":false,"count":3,"expires_at":"2026-01-01T00:00:00+01:00","names":["x"],"targets":[{"host":"h","port":1}],"one":null,"day":"monday"}
            """);
        Assert.Empty(asked.Problems);
        Assert.Equal(("a", false, 3L, DayOfWeek.Monday), (asked.Value.Name, asked.Value.Enabled, asked.Value.Count, asked.Value.Day));
        Assert.Equal(new Inner("h", 1), Assert.Single(asked.Value.Targets!));
        Assert.Null(asked.Value.One);
    }

    [Fact]
    public void EverythingWrong_IsToldAtOnce()
    {
        var asked = Read("""
            {"Name":"a","enabled":"yes","count":1.5,"expires_at":"soon","names":["x",3],"targets":[{"host":"h"},{"prot":1},7],"one":[],"day":"someday","count":2}
            """);
        Assert.Equal(
            [
                ("unknown_field", "Name"), ("wrong_type", "enabled"), ("wrong_type", "count"), ("wrong_type", "expires_at"), ("wrong_type", "names[1]"),
                ("unknown_field", "targets[1].prot"), ("wrong_type", "targets[2]"), ("wrong_type", "one"), ("wrong_type", "day"), ("duplicate_field", "count"),
            ],
            asked.Problems.Select(problem => (problem.Code, problem.Field)));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("3")]
    [InlineData("\"text\"")]
    public void NoObject_IsRefused(string json) => Assert.Equal("wrong_type", Assert.Single(Read(json).Problems).Code);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{'a':1}")]
    [InlineData("[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]")]
    public void NoJson_IsRefusedWithItsPlace(string text)
    {
        var parsed = StrictJson.Parse(System.Text.Encoding.UTF8.GetBytes(text));
        Assert.Equal("malformed_body", Assert.Single(parsed.Problems).Code);
    }

    [Fact]
    public void Patch_ReplacesWhatIsGivenTakesAwayWhatIsNullAndLeavesTheRest()
    {
        var before = new Asked("a", true, 3, null, ["x"], null, new Inner("h", 1), null);
        using var patch = JsonDocument.Parse("""{"enabled":null,"count":4,"one":{"port":2}}""");
        var after = PatchedRequest.Of(before, patch.RootElement).Value;
        Assert.Equal(("a", (bool?)null, (long?)4), (after.Name, after.Enabled, after.Count));
        Assert.Equal(new Inner("h", 2), after.One);
        Assert.Equal(["x"], after.Names!);
    }

    [Theory]
    [InlineData("{\"nmae\":\"b\"}", "unknown_field")]
    [InlineData("{\"count\":\"b\"}", "wrong_type")]
    [InlineData("[]", "wrong_type")]
    [InlineData("{\"count\":1,\"count\":2}", "duplicate_field")]
    public void WrongPatch_IsRefusedAsItWasSent(string patch, string code)
    {
        using var document = JsonDocument.Parse(patch);
        Assert.Equal(code, Assert.Single(PatchedRequest.Of(new Asked("a", null, null, null, null, null, null, null), document.RootElement).Problems).Code);
    }

    [Theory]
    [InlineData(null, "5", null)]
    [InlineData("x", null, "cursor")]
    [InlineData("WyJhIiwiYiJd", null, "cursor")]
    [InlineData("WzFd", null, "cursor")]
    [InlineData(null, "0", "limit")]
    [InlineData(null, "1001", "limit")]
    [InlineData(null, "-1", "limit")]
    [InlineData(null, "ten", "limit")]
    public void PageAsked_RefusesWhatWasNeverAnswered(string? cursor, string? limit, string? field) =>
        Assert.Equal(field, PageAsked.Read(limit, cursor).Problems.Select(problem => problem.Field).FirstOrDefault());

    private static Portunus.Web.Outcomes.Outcome<Asked> Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return StrictJson.Read<Asked>(document.RootElement);
    }
}

using System.Reflection;
using System.Text.RegularExpressions;

namespace Portunus.Tests.House;

/// <summary>docs/compatibility.md: each row has its verdict, and the tests it names exist and are tests.</summary>
public sealed partial class CompatibilityTests
{
    /// <summary>Rows can be merged or split, but the page must not shrink to a summary.</summary>
    private const int FewestRows = 450;

    private static readonly string[] s_verdicts = ["same", "better", "left out"];

    private static readonly (string Line, string[] Cells)[] s_rows =
    [
        .. File.ReadLines(Path.Combine(HouseRoot.Folder, "docs", "compatibility.md"))
            .Where(line => line.StartsWith('|') && !line.StartsWith("|---", StringComparison.Ordinal) && !line.EndsWith("| test |", StringComparison.Ordinal))
            .Select(line => (line, line.Split('|')[1..^1].Select(cell => cell.Trim()).ToArray())),
    ];

    [Fact]
    public void Page_HasManyRows_EachOnce()
    {
        Assert.InRange(s_rows.Length, FewestRows, 1000);
        Assert.All(s_rows, row => Assert.Equal(4, row.Cells.Length));
        Assert.Equal(s_rows.Length, s_rows.DistinctBy(row => row.Cells[0]).Count());
    }

    [Fact]
    public void EveryRow_HasAVerdict() => Assert.All(s_rows, row => Assert.True(s_verdicts.Contains(row.Cells[1]), row.Line));

    [Fact]
    public void WhatIsLeftOut_HasAReason() =>
        Assert.All(s_rows.Where(row => row.Cells[1] == "left out"), row => Assert.True(row.Cells[2].Length > 0, row.Line));

    [Fact]
    public void EveryRowThatIsNotLeftOut_NamesATest() =>
        Assert.All(s_rows.Where(row => row.Cells[1] != "left out"), row => Assert.True(Named(row.Cells[3]).Any(), row.Line));

    [Fact]
    public void EveryNamedTest_Exists()
    {
        var classes = typeof(CompatibilityTests).Assembly.GetTypes().Where(type => type.GetMethods().Any(IsTest)).ToLookup(type => type.Name);
        var missing = s_rows.SelectMany(row => Named(row.Cells[3])).Distinct().Where(name =>
        {
            var parts = name.Split('.');
            return !classes[parts[0]].Any(type => parts.Length == 1 || type.GetMethods().Any(method => method.Name == parts[1] && IsTest(method)));
        });
        Assert.Empty(missing);
    }

    [Fact]
    public void TestCells_HoldNamesAndNothingElse() =>
        Assert.All(s_rows, row => Assert.True(row.Cells[3] is "" || TestCell().IsMatch(row.Cells[3]), row.Line));

    private static bool IsTest(MethodInfo method) => method.IsDefined(typeof(FactAttribute), inherit: true);

    private static IEnumerable<string> Named(string cell) => TestName().Matches(cell).Select(match => match.Value);

    [GeneratedRegex("[A-Za-z0-9]+Tests(?:\\.[A-Za-z0-9_]+)?")]
    private static partial Regex TestName();

    [GeneratedRegex("^`[A-Za-z0-9]+Tests(?:\\.[A-Za-z0-9_]+)?`(?:, `[A-Za-z0-9]+Tests(?:\\.[A-Za-z0-9_]+)?`)*$")]
    private static partial Regex TestCell();
}

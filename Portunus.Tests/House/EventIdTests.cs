using System.Globalization;
using System.Text.RegularExpressions;

namespace Portunus.Tests.House;

/// <summary>Event ids name one message each, within the block of their room.</summary>
public sealed partial class EventIdTests
{
    private static readonly Dictionary<string, (int First, int Last)> s_blocks = new()
    {
        ["Loop"] = (1000, 1099),
        ["Tcp"] = (1100, 1199),
        ["Udp"] = (1200, 1299),
        ["Targets"] = (1300, 1399),
        ["Engine"] = (1400, 1499),
        ["Link"] = (1500, 1599),
        ["Standalone"] = (1600, 1699),
        ["Stats"] = (1700, 1749),
        ["Scrape"] = (1750, 1799),
    };

    [Fact]
    public void EventIds_AreUniqueAndInTheirRoomsBlock()
    {
        var seen = new Dictionary<int, string>();
        foreach (var file in HouseRoot.Sources("Portunus.Edge"))
        {
            var room = Path.GetRelativePath(Path.Combine(HouseRoot.Folder, "Portunus.Edge"), file).Split('/')[0];
            foreach (Match match in Message().Matches(File.ReadAllText(file)))
            {
                var id = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
                Assert.True(s_blocks.TryGetValue(room, out var block), $"{room} logs but has no block of ids");
                Assert.InRange(id, block.First, block.Last);
                Assert.True(seen.TryAdd(id, file), $"event id {id} is used twice");
            }
        }

        Assert.NotEmpty(seen);
    }

    [GeneratedRegex(@"\[LoggerMessage\((\d+),")]
    private static partial Regex Message();
}

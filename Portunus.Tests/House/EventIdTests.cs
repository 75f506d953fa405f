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
        ["Standalone"] = (1600, 1649),
        ["Hosting"] = (1650, 1699),
        ["Stats"] = (1700, 1749),
        ["Scrape"] = (1750, 1799),
    };

    private static readonly Dictionary<string, (int First, int Last)> s_webBlocks = new()
    {
        ["Database"] = (2000, 2049),
        ["Audit"] = (2050, 2099),
        ["Accounts"] = (2100, 2199),
        ["Grants"] = (2200, 2249),
        ["Edges"] = (2250, 2299),
        ["Plans"] = (2300, 2399),
        ["Rules"] = (2400, 2499),
        ["Link"] = (2500, 2599),
        ["Quotas"] = (2600, 2649),
        ["Traffic"] = (2650, 2699),
        ["Settings"] = (2700, 2749),
        ["Maintenance"] = (2750, 2799),
        ["Scrape"] = (2800, 2849),
        ["Api"] = (2850, 2899),
        ["Shell"] = (2900, 2999),
        ["Live"] = (3000, 3049),
    };

    [Fact]
    public void EventIds_AreUniqueAndInTheirRoomsBlock()
    {
        var seen = new Dictionary<int, string>();
        Look("Portunus.Edge", s_blocks, seen);
        Assert.NotEmpty(seen);
        Look("Portunus.Web", s_webBlocks, seen);
    }

    private static void Look(string project, Dictionary<string, (int First, int Last)> blocks, Dictionary<int, string> seen)
    {
        foreach (var file in HouseRoot.Sources(project))
        {
            var room = Path.GetRelativePath(Path.Combine(HouseRoot.Folder, project), file).Split('/')[0];
            foreach (Match match in Message().Matches(File.ReadAllText(file)))
            {
                var id = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
                Assert.True(blocks.TryGetValue(room, out var block), $"{room} logs but has no block of ids");
                Assert.InRange(id, block.First, block.Last);
                Assert.True(seen.TryAdd(id, file), $"event id {id} is used twice");
            }
        }
    }

    [GeneratedRegex(@"\[LoggerMessage\((\d+),")]
    private static partial Regex Message();
}

using System.Text.RegularExpressions;

namespace Portunus.Tests.House;

/// <summary>A room may name rooms on lower floors only. Upward it goes by mail, or not at all.</summary>
public sealed partial class RoomFloorsTests
{
    private static readonly Dictionary<string, int> s_floors = new()
    {
        ["Native"] = 0,
        ["Logs"] = 0,
        ["Loop"] = 1,
        ["Memory"] = 1,
        ["Relay"] = 2,
        ["Sni"] = 2,
        ["Limits"] = 2,
        ["Targets"] = 2,
        ["Metering"] = 2,
        ["Rules"] = 3,
        ["Tcp"] = 4,
        ["Udp"] = 4,
        ["Engine"] = 5,
        ["Link"] = 6,
        ["Stats"] = 6,
        ["Scrape"] = 6,
        ["Hosting"] = 7,
        ["Standalone"] = 8,
        ["Run"] = 8,
    };

    private static readonly Dictionary<string, int> s_webFloors = new()
    {
        ["Outcomes"] = 0,
        ["Live"] = 0,
        ["Database"] = 1,
        ["Ui"] = 1,
        ["Audit"] = 2,
        ["Api"] = 1,
        ["Accounts"] = 3,
        ["Grants"] = 4,
        ["Quotas"] = 4,
        ["Traffic"] = 4,
        ["Edges"] = 4,
        ["Plans"] = 5,
        ["Rules"] = 6,
        ["Link"] = 7,
        ["Dashboard"] = 7,
        ["Settings"] = 7,
        ["Maintenance"] = 7,
        ["Scrape"] = 7,
        ["Shell"] = 8,
    };

    [Fact]
    public void EdgeRooms_NameOnlyLowerFloors() => Assert.Empty(NamedUpwards("Portunus.Edge", s_floors, EdgeRoom()));

    [Fact]
    public void WebRooms_NameOnlyLowerFloors() => Assert.Empty(NamedUpwards("Portunus.Web", s_webFloors, WebRoom()));

    [Fact]
    public void WebFolders_AreRoomsWithAFloor()
    {
        var rooms = HouseRoot.Sources("Portunus.Web").Select(file => Room("Portunus.Web", file)).Where(room => room is not ("Program.cs" or "Options")).Distinct();
        Assert.Empty(rooms.Except(s_webFloors.Keys));
    }

    [Fact]
    public void PagesAndRoutes_DoNotOpenTheStore()
    {
        var wrong = HouseRoot.Sources("Portunus.Web")
            .Where(file => file.EndsWith("Api.cs", StringComparison.Ordinal) || file.EndsWith("Page.cs", StringComparison.Ordinal))
            .Where(file => StoreName().IsMatch(File.ReadAllText(file)))
            .Select(Path.GetFileName);
        Assert.Empty(wrong);
    }

    [Fact]
    public void Shared_NamesNobody()
    {
        var wrong = HouseRoot.Sources("Portunus.Shared")
            .Where(file => OtherProject().IsMatch(File.ReadAllText(file)))
            .Select(Path.GetFileName);
        Assert.Empty(wrong);
    }

    [Fact]
    public void LibraryImport_OnlyInNative()
    {
        var wrong = HouseRoot.Sources("Portunus.Edge").Concat(HouseRoot.Sources("Portunus.Shared")).Concat(HouseRoot.Sources("Portunus.Web"))
            .Where(file => !file.Contains("/Native/", StringComparison.Ordinal) && NativeImport().IsMatch(File.ReadAllText(file)))
            .Select(Path.GetFileName);
        Assert.Empty(wrong);
    }

    private static string Room(string project, string file) => Path.GetRelativePath(Path.Combine(HouseRoot.Folder, project), file).Split('/')[0];

    private static List<string> NamedUpwards(string project, Dictionary<string, int> floors, Regex namedRoom)
    {
        var wrong = new List<string>();
        foreach (var file in HouseRoot.Sources(project))
        {
            var room = Room(project, file);
            if (!floors.TryGetValue(room, out var floor))
            {
                continue;
            }

            foreach (Match match in namedRoom.Matches(File.ReadAllText(file)))
            {
                var named = match.Groups[1].Value;
                if (named != room && floors.TryGetValue(named, out var other) && other >= floor)
                {
                    wrong.Add($"{room}/{Path.GetFileName(file)} names {named}");
                }
            }
        }

        return wrong;
    }

    [GeneratedRegex(@"Portunus\.Web\.([A-Z][A-Za-z]+)")]
    private static partial Regex WebRoom();

    [GeneratedRegex(@"\b(PortunusDb|WriteLane)\b")]
    private static partial Regex StoreName();

    [GeneratedRegex(@"Portunus\.Edge\.([A-Z][A-Za-z]+)")]
    private static partial Regex EdgeRoom();

    [GeneratedRegex(@"Portunus\.(Edge|Web)\b")]
    private static partial Regex OtherProject();

    [GeneratedRegex(@"\[(LibraryImport|DllImport)\(")]
    private static partial Regex NativeImport();
}

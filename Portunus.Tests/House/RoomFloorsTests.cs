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
        ["Standalone"] = 7,
        ["Stats"] = 6,
        ["Scrape"] = 6,
    };

    [Fact]
    public void EdgeRooms_NameOnlyLowerFloors()
    {
        var wrong = new List<string>();
        foreach (var file in HouseRoot.Sources("Portunus.Edge"))
        {
            var room = Path.GetRelativePath(Path.Combine(HouseRoot.Folder, "Portunus.Edge"), file).Split('/')[0];
            if (!s_floors.TryGetValue(room, out var floor))
            {
                continue;
            }

            foreach (Match match in EdgeRoom().Matches(File.ReadAllText(file)))
            {
                var named = match.Groups[1].Value;
                if (named != room && s_floors.TryGetValue(named, out var other) && other >= floor)
                {
                    wrong.Add($"{room}/{Path.GetFileName(file)} names {named}");
                }
            }
        }

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

    [GeneratedRegex(@"Portunus\.Edge\.([A-Z][A-Za-z]+)")]
    private static partial Regex EdgeRoom();

    [GeneratedRegex(@"Portunus\.(Edge|Web)\b")]
    private static partial Regex OtherProject();

    [GeneratedRegex(@"\[(LibraryImport|DllImport)\(")]
    private static partial Regex NativeImport();
}

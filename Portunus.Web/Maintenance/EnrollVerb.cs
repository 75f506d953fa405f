using System.Globalization;
using Portunus.Shared.Ids;
using Portunus.Web.Audit;
using Portunus.Web.Edges;
using Portunus.Web.Options;

namespace Portunus.Web.Maintenance;

/// <summary>Prints the line by which a machine becomes an edge.</summary>
internal static class EnrollVerb
{
    private const string Edge = "--edge";
    private const string New = "--new";
    private const string Minutes = "--minutes";
    private const string Address = "--address";

    public static LocalVerb Verb { get; } = new(
        new VerbSpec(
            "enroll",
            [],
            [
                new FlagSpec(Edge, "NAME|ID", "for an edge that is there; enrolled again, its old credential is worth nothing"),
                new FlagSpec(New, "NAME", "for an edge that is made now"),
                new FlagSpec(Minutes, "N", $"how long the line is good, 1 to {EnrollCodes.MaxMinutes}; default {EnrollCodes.DefaultMinutes}"),
                new FlagSpec(Address, "HOST:PORT", "where the edge connects; default: the setting, else advertised_address of the options"),
            ],
            "print a line by which portunus-edge enrols a machine, once"),
        null,
        RunAsync);

    private static async Task<int> RunAsync(VerbRun run)
    {
        var (known, made) = (run.Asked.Find(Edge), run.Asked.Find(New));
        if ((known is null) == (made is null))
        {
            return await WronglyAsync(run, $"Say which edge: {Edge} with the name or id of one that is there, or {New} with a name.");
        }

        var minutes = (long)EnrollCodes.DefaultMinutes;
        if (run.Asked.Find(Minutes) is { } text && (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out minutes) || minutes is < 1 or > EnrollCodes.MaxMinutes))
        {
            return await WronglyAsync(run, $"{Minutes} must be between 1 and {EnrollCodes.MaxMinutes}.");
        }

        var lines = run.Get<EnrollLines>();
        var asked = run.Asked.Find(Address);
        var address = asked is null ? await lines.AddressAsync(null, run.Cancel) : AdvertisedAddress.Read(asked, AddressSource.Request);
        if (address is null)
        {
            return await WronglyAsync(run, asked is null
                ? $"Nothing says where edges connect: give {Address} HOST:PORT, or set advertised_address."
                : $"{Address} must be a host and a port such as portunus.example.org:7443.");
        }

        var edge = known is not null
            ? await run.Get<EdgeReader>().FindAsync(Actor.Local, known, run.Cancel)
            : await run.Get<EdgeWriter>().CreateAsync(Actor.Local, new EdgeFields { Name = made }, run.Cancel);
        if (!edge.TryGet(out var found) || !EdgeId.TryParse(found.Id, out var id))
        {
            return await run.RefuseAsync(edge.Problems);
        }

        var code = await lines.CreateAsync(Actor.Local, id, new EnrollFields { Minutes = minutes }, address, run.Cancel);
        if (!code.TryGet(out var line))
        {
            return await run.RefuseAsync(code.Problems);
        }

        // Standard output has the line and nothing else, for scripts.
        await run.Errors.WriteLineAsync($"Good once and for {minutes} min, for {found.Name}; it connects to {address.Text}. On the machine: portunus-edge enroll 'LINE'");
        await run.Output.WriteLineAsync(line.Uri);
        return ExitCode.Done;
    }

    private static async Task<int> WronglyAsync(VerbRun run, string sentence)
    {
        await run.Errors.WriteLineAsync(sentence);
        return ExitCode.Asked;
    }
}

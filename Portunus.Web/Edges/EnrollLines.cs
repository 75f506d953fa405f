using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Shared.Link;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Edges;

/// <summary>What this room is told at the start.</summary>
/// <param name="AdvertisedAddress">Host and port that edges are told to connect to; null where the options say nothing.</param>
internal sealed record EdgesOptions(string? AdvertisedAddress);

/// <summary>Makes enrolment lines: a code, and where and to whom it is told.</summary>
internal sealed class EnrollLines(EnrollCodes codes, IDbContextFactory<PortunusDb> factory, EdgesOptions options, ILinkEnd end)
{
    /// <summary>Where the next edge would be told to connect; null where nobody has said anything.</summary>
    /// <param name="requestHost">The host that a request was sent to, without its port; null where there is none.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<AdvertisedAddress?> AddressAsync(string? requestHost, CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        var setting = await db.Settings.AsNoTracking().Where(one => one.Key == Setting.AdvertisedAddress).Select(one => one.Value).SingleOrDefaultAsync(cancel);
        return AdvertisedAddress.Choose(setting, options.AdvertisedAddress, requestHost, end.Port);
    }

    /// <summary>Makes a code and the line that carries it.</summary>
    /// <param name="actor">A superadmin.</param>
    /// <param name="edge">What redeems it becomes this edge.</param>
    /// <param name="fields">How long it is good.</param>
    /// <param name="address">Where the edge connects; null leaves the line out.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<Outcome<NewEnrollCode>> CreateAsync(Actor actor, EdgeId edge, EnrollFields fields, AdvertisedAddress? address, CancellationToken cancel)
    {
        var made = await codes.CreateAsync(actor, edge, fields, cancel);
        return made.TryGet(out var code) && address is not null
            ? code with { Uri = new EnrollUri(address.Host, address.Port, end.Pins[0], code.Code).ToString(), Address = address.Text, AddressSource = address.Source }
            : made;
    }
}

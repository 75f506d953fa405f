using Microsoft.EntityFrameworkCore;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Edges;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Settings;

/// <summary>Reads settings.</summary>
internal sealed class SettingsReader(IDbContextFactory<PortunusDb> factory, SettingsOptions options, ILinkEnd end)
{
    /// <param name="actor">An overseer.</param>
    /// <param name="requestHost">The host that the request was sent to, without its port.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<Outcome<SettingsView>> GetAsync(Actor actor, string? requestHost, CancellationToken cancel)
    {
        if (actor.NeedsOverseer() is { } refusal)
        {
            return refusal;
        }

        await using var db = await factory.CreateDbContextAsync(cancel);
        return await ViewAsync(db, requestHost, cancel);
    }

    /// <summary>As they stand in a context.</summary>
    internal async Task<SettingsView> ViewAsync(PortunusDb db, string? requestHost, CancellationToken cancel)
    {
        var rows = await db.Settings.Where(setting => setting.Key == Setting.AdvertisedAddress || setting.Key == Setting.PlanEpoch).ToDictionaryAsync(setting => setting.Key, cancel);
        var advertised = rows.GetValueOrDefault(Setting.AdvertisedAddress);
        var own = advertised is { Value.Length: > 0 } ? advertised.Value : null;
        var effective = AdvertisedAddress.Choose(own, options.AdvertisedAddress, requestHost, end.Port);
        return new SettingsView(
            own,
            effective?.Text,
            effective?.Source ?? AddressSource.None,
            options.AuditRetentionDays,
            [.. end.Pins.Select(pin => pin.Text)],
            rows.GetValueOrDefault(Setting.PlanEpoch)?.Value ?? "",
            advertised?.Revision ?? 0);
    }
}

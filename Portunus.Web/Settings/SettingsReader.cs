using Microsoft.EntityFrameworkCore;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Settings;

/// <summary>Reads settings.</summary>
internal sealed class SettingsReader(IDbContextFactory<PortunusDb> factory, SettingsOptions options)
{
    public async Task<Outcome<SettingsView>> GetAsync(Actor actor, CancellationToken cancel)
    {
        if (actor.NeedsOverseer() is { } refusal)
        {
            return refusal;
        }

        await using var db = await factory.CreateDbContextAsync(cancel);
        return await ViewAsync(db, options, cancel);
    }

    internal static async Task<SettingsView> ViewAsync(PortunusDb db, SettingsOptions options, CancellationToken cancel)
    {
        var rows = await db.Settings.Where(setting => setting.Key == Setting.AdvertisedAddress || setting.Key == Setting.PlanEpoch).ToDictionaryAsync(setting => setting.Key, cancel);
        var advertised = rows.GetValueOrDefault(Setting.AdvertisedAddress);
        var own = advertised is { Value.Length: > 0 } ? advertised.Value : null;
        return new SettingsView(
            own,
            own ?? options.AdvertisedAddress,
            own is not null ? SettingSource.Setting : options.AdvertisedAddress is not null ? SettingSource.Options : SettingSource.None,
            options.AuditRetentionDays,
            rows.GetValueOrDefault(Setting.PlanEpoch)?.Value ?? "",
            advertised?.Revision ?? 0);
    }
}

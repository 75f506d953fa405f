using System.Globalization;
using System.Net;
using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Rules;
using Portunus.Web.Audit;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Settings;

/// <summary>Changes settings. For superadmins.</summary>
internal sealed class SettingsWriter(AuditTrail trail, SettingsReader reader)
{
    /// <param name="actor">A superadmin.</param>
    /// <param name="revision">That was read; null for whatever is stored.</param>
    /// <param name="requestHost">The host that the request was sent to, without its port.</param>
    /// <param name="edit">From what they are to what they shall be.</param>
    /// <param name="cancel">Gives up.</param>
    public Task<Outcome<SettingsView>> ChangeAsync(
        Actor actor, long? revision, string? requestHost, Func<SettingsFields, Outcome<SettingsFields>> edit, CancellationToken cancel) =>
        trail.ChangeAsync<SettingsView>(actor, "settings.change", new AuditSubject("settings"), async change =>
        {
            if (actor.NeedsSuperadmin() is { } refusal)
            {
                return refusal;
            }

            var db = change.Db;
            var row = await db.Settings.SingleOrDefaultAsync(setting => setting.Key == Setting.AdvertisedAddress, cancel);
            if (revision is { } expected && expected != (row?.Revision ?? 0))
            {
                return Problem.Stale(expected, row?.Revision ?? 0);
            }

            var before = new SettingsFields { AdvertisedAddress = row is { Value.Length: > 0 } ? row.Value : null };
            if (edit(before) is var edited && !edited.TryGet(out var after))
            {
                return edited.As<SettingsView>();
            }

            var address = "";
            if (!string.IsNullOrEmpty(after.AdvertisedAddress) && !TryRead(after.AdvertisedAddress, out address, out var reason))
            {
                return new Problem("advertised_address_malformed", "advertised_address", $"advertised_address must be host:port: {reason}");
            }

            if (row is null)
            {
                row = new Setting { Key = Setting.AdvertisedAddress };
                db.Settings.Add(row);
            }
            else
            {
                row.Revision++;
            }

            row.Value = address;
            row.ChangedAt = change.Now;
            change.Tell("settings.change", new AuditSubject("settings"), before, new SettingsFields { AdvertisedAddress = address.Length > 0 ? address : null });
            await db.SaveChangesAsync(cancel);
            return await reader.ViewAsync(db, requestHost, cancel);
        }, cancel);

    /// <summary>Reads <c>host:port</c> or <c>[ipv6]:port</c> into one spelling.</summary>
    internal static bool TryRead(string text, out string address, out string reason)
    {
        address = "";
        reason = "there is no port.";
        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? text : text[..colon];
        if (colon < 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
        {
            return false;
        }

        if (host.Contains(':') && !host.StartsWith('['))
        {
            reason = "an IPv6 address needs brackets.";
            return false;
        }

        if (HostName.TryParseLiteral(host, out var literal))
        {
            address = new IPEndPoint(literal, port).ToString();
            return true;
        }

        if (!HostName.TryParseName(host, out var name, out _, out reason))
        {
            return false;
        }

        address = $"{name}:{port}";
        return true;
    }
}

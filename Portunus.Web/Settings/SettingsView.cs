using Portunus.Web.Api;
using Portunus.Web.Edges;

namespace Portunus.Web.Settings;

/// <summary>What the options say of things that are shown here.</summary>
/// <param name="AdvertisedAddress">Null where they say nothing.</param>
/// <param name="AuditRetentionDays">0 is for ever.</param>
internal sealed record SettingsOptions(string? AdvertisedAddress, int AuditRetentionDays);

/// <summary>Settings that can be changed while the program runs.</summary>
internal sealed record SettingsFields
{
    /// <summary>Host and port that edges are told to connect to; null goes by the options.</summary>
    public string? AdvertisedAddress { get; init; }
}

/// <summary>Settings as they are told.</summary>
/// <param name="AdvertisedAddress">As set here; null goes by the options.</param>
/// <param name="AdvertisedAddressEffective">What the next enrolment line would say; without setting and options, the host of this very request with the port of the link.</param>
/// <param name="AdvertisedAddressSource">Who said it.</param>
/// <param name="AuditRetentionDays">How long audit entries are kept, 0 for ever; set by the options.</param>
/// <param name="LinkPins">What edges know this control plane by, the pin in use first; a second one while the key is rotated.</param>
/// <param name="PlanEpoch">Minted with the store; another one after a restore or reset.</param>
/// <param name="Revision">Counts up with each change; 0 before the first.</param>
internal sealed record SettingsView(
    string? AdvertisedAddress, string? AdvertisedAddressEffective, AddressSource AdvertisedAddressSource, int AuditRetentionDays,
    IReadOnlyList<string> LinkPins, string PlanEpoch, long Revision) : IRevised;

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portunus.Web.Database.Tables;

/// <summary>One setting that can be changed while the program runs, and facts the program keeps about its own store.</summary>
internal sealed class Setting
{
    /// <summary>Minted with the store and again by restore and reset; with it a plan's revision is never mistaken for an older store's.</summary>
    public const string PlanEpoch = "plan_epoch";

    /// <summary>Host and port that edges are told to connect to, in place of what the options say.</summary>
    public const string AdvertisedAddress = "advertised_address";

    public string Key { get; set; } = "";

    public string Value { get; set; } = "";

    public DateTimeOffset ChangedAt { get; set; }

    /// <summary>Counts up with each change; what If-Match compares.</summary>
    public long Revision { get; set; } = 1;

    internal sealed class Configuration : IEntityTypeConfiguration<Setting>
    {
        public void Configure(EntityTypeBuilder<Setting> table)
        {
            table.ToTable("Settings");
            table.HasKey(setting => setting.Key);
            table.Property(setting => setting.Revision).IsConcurrencyToken();
        }
    }
}

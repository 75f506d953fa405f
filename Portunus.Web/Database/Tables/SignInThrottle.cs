using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portunus.Web.Database.Tables;

/// <summary>Failed tries under one key: an address, a name, or both together. A restart does not forget them.</summary>
internal sealed class SignInThrottle
{
    /// <summary>What is counted; a hash where it holds what somebody typed.</summary>
    public string Key { get; set; } = "";

    public int Failures { get; set; }

    public DateTimeOffset LastFailedAt { get; set; }

    public DateTimeOffset? LockedUntil { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<SignInThrottle>
    {
        public void Configure(EntityTypeBuilder<SignInThrottle> table)
        {
            table.ToTable("SignInThrottles");
            table.HasKey(throttle => throttle.Key);
            table.HasIndex(throttle => throttle.LastFailedAt);
        }
    }
}

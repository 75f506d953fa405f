using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Portunus.Shared.Ids;

namespace Portunus.Web.Database.Tables;

/// <summary>
/// An edge that was deleted, or the machine that was one before it was revoked and another enrolled, so that it can be told so, instead
/// of asking for ever, when it comes back.
/// </summary>
internal sealed class EdgeTombstone
{
    public EdgeId EdgeId { get; set; }

    public string Name { get; set; } = "";

    /// <summary>Of the credential it will show; null when it never enrolled.</summary>
    public byte[]? CredentialHash { get; set; }

    public DateTimeOffset DeletedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<EdgeTombstone>
    {
        public void Configure(EntityTypeBuilder<EdgeTombstone> table)
        {
            table.ToTable("EdgeTombstones");
            table.HasKey(tombstone => tombstone.EdgeId);
            table.HasIndex(tombstone => tombstone.CredentialHash);
        }
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Portunus.Shared.Ids;
using Portunus.Shared.Rules;

namespace Portunus.Web.Database.Tables;

/// <summary>
/// One rule. What was asked is kept whole, as the JSON of the API, in <see cref="Spec"/>: that is what is answered, changed and
/// planned, and a new field of a rule needs no new column. The columns beside it repeat what is searched, sorted and claimed,
/// and are written from the spec only.
/// </summary>
internal sealed class Rule
{
    public RuleId Id { get; set; }

    public EdgeId EdgeId { get; set; }

    public AccountId OwnerId { get; set; }

    /// <summary>Unique for an owner on an edge; empty where none was given, and then not compared.</summary>
    public string Name { get; set; } = "";

    public TransportProtocol Protocol { get; set; }

    /// <summary>In its shortest spelling; null is all addresses.</summary>
    public string? ListenAddress { get; set; }

    public int FirstPort { get; set; }

    public int LastPort { get; set; }

    public bool Enabled { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>The first target, for sorting.</summary>
    public string Target { get; set; } = "";

    /// <summary>Names, targets, server names and note in lower case, for searching.</summary>
    public string SearchText { get; set; } = "";

    /// <summary>The rule as JSON, canonical: the names of the API, without what is default.</summary>
    public string Spec { get; set; } = "{}";

    /// <summary>Counts up with each change; what If-Match compares and edges report.</summary>
    public long Revision { get; set; } = 1;

    /// <summary>Flows opened under a lower revision than this are cut; 0 cuts none.</summary>
    public long CutBefore { get; set; }

    /// <summary>Flows opened under a lower revision than this end by <see cref="DrainUntil"/>; 0 drains none.</summary>
    public long DrainBefore { get; set; }

    public DateTimeOffset? DrainUntil { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset ChangedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Rule>
    {
        public void Configure(EntityTypeBuilder<Rule> table)
        {
            table.ToTable("Rules", of => of.HasCheckConstraint("PortsInOrder", "FirstPort >= 1 AND LastPort >= FirstPort AND LastPort <= 65535"));
            table.Property(rule => rule.Revision).IsConcurrencyToken();
            // Who else claims this port; also the plan of an edge, which reads all its rules.
            table.HasIndex(rule => new { rule.EdgeId, rule.Protocol, rule.FirstPort });
            table.HasIndex(rule => new { rule.OwnerId, rule.Id });
            table.HasIndex(rule => new { rule.EdgeId, rule.OwnerId, rule.Name }).IsUnique().HasFilter("\"Name\" <> ''");
            table.HasIndex(rule => new { rule.Name, rule.Id });
            table.HasIndex(rule => new { rule.FirstPort, rule.Id });
            table.HasIndex(rule => new { rule.ChangedAt, rule.Id });
            table.HasIndex(rule => rule.ExpiresAt);
            // Rules go by name, one log entry and one tombstone each, never by a cascade that nobody sees.
            table.HasOne<Edge>().WithMany().HasForeignKey(rule => rule.EdgeId).OnDelete(DeleteBehavior.Restrict);
            table.HasOne<Account>().WithMany().HasForeignKey(rule => rule.OwnerId).OnDelete(DeleteBehavior.Restrict);
        }
    }
}

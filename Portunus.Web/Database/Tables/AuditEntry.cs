using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Portunus.Shared.Ids;

namespace Portunus.Web.Database.Tables;

/// <summary>What became of what an audit entry tells of.</summary>
internal enum AuditOutcome
{
    Done,
    Refused,
}

/// <summary>
/// One change or one refusal. It repeats the names of those days instead of pointing at rows, because it outlives them.
/// </summary>
internal sealed class AuditEntry
{
    /// <summary>Counts up and is never reused, so that pages do not shift.</summary>
    public long Seq { get; set; }

    public DateTimeOffset At { get; set; }

    /// <summary>Null where nobody was signed in, and for the program itself and its command line.</summary>
    public AccountId? ActorId { get; set; }

    public string ActorName { get; set; } = "";

    public string ActorRole { get; set; } = "";

    /// <summary>How the actor came: <c>cookie</c>, <c>token</c>, <c>local</c> or <c>system</c>; empty for nobody.</summary>
    public string Via { get; set; } = "";

    public string RemoteAddress { get; set; } = "";

    public string RequestId { get; set; } = "";

    /// <summary>Dotted and stable: <c>rule.create</c>.</summary>
    public string Action { get; set; } = "";

    /// <summary><c>rule</c>, <c>account</c>, <c>edge</c> …</summary>
    public string SubjectKind { get; set; } = "";

    public string SubjectId { get; set; } = "";

    public string SubjectName { get; set; } = "";

    public AuditOutcome Outcome { get; set; }

    /// <summary>Codes of the problems of a refusal, with commas between them.</summary>
    public string Reason { get; set; } = "";

    /// <summary>JSON, without secrets; null where there was nothing.</summary>
    public string? Before { get; set; }

    /// <summary>JSON, without secrets; null where nothing is left.</summary>
    public string? After { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<AuditEntry>
    {
        public void Configure(EntityTypeBuilder<AuditEntry> table)
        {
            table.ToTable("AuditEntries");
            table.HasKey(entry => entry.Seq);
            table.Property(entry => entry.Seq).ValueGeneratedOnAdd().HasAnnotation("Sqlite:Autoincrement", true);
            table.HasIndex(entry => entry.At);
            table.HasIndex(entry => new { entry.ActorId, entry.Seq });
            table.HasIndex(entry => new { entry.Action, entry.Seq });
            table.HasIndex(entry => new { entry.SubjectKind, entry.SubjectId, entry.Seq });
            table.HasIndex(entry => new { entry.Outcome, entry.Seq });
        }
    }
}

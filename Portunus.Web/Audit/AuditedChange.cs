using Portunus.Web.Database;
using Portunus.Web.Database.Tables;

namespace Portunus.Web.Audit;

/// <summary>One change while it runs: the context of its transaction, and its entries.</summary>
internal sealed class AuditedChange(PortunusDb db, Actor actor, DateTimeOffset now)
{
    public PortunusDb Db { get; } = db;

    /// <summary>Who does it; somebody signing in becomes known on the way.</summary>
    public Actor Actor { get; set; } = actor;

    /// <summary>One instant for everything that this change writes.</summary>
    public DateTimeOffset Now { get; } = now;

    /// <summary>How many entries were added.</summary>
    public int Entries { get; private set; }

    /// <summary>Set by work that only says what would happen: nothing is kept and nothing is filed.</summary>
    public bool IsTrial { get; set; }

    /// <summary>Set by work that has found out more exactly what it is about, for a refusal's entry.</summary>
    public AuditSubject? Subject { get; set; }

    /// <summary>Set by work whose refusal must leave something behind as well: a failed try that is counted, for one.</summary>
    public Func<PortunusDb, Task>? KeepOnRefusal { get; set; }

    /// <summary>Adds the entry of something done.</summary>
    /// <param name="action">Dotted and stable.</param>
    /// <param name="subject">What it was done to.</param>
    /// <param name="before">What it was, without secrets: JSON text, or an object that becomes some. Null for what was not there.</param>
    /// <param name="after">What it is now, likewise.</param>
    public void Tell(string action, AuditSubject subject, object? before = null, object? after = null)
    {
        var entry = AuditTrail.Entry(Actor, Now, action, subject);
        entry.Outcome = AuditOutcome.Done;
        entry.Before = AuditTrail.Json(before);
        entry.After = AuditTrail.Json(after);
        Db.AuditEntries.Add(entry);
        Entries++;
    }
}

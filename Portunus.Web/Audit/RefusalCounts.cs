namespace Portunus.Web.Audit;

/// <summary>What refusals are counted together by.</summary>
/// <param name="Action">Dotted and stable.</param>
/// <param name="Subject">Id of what it is about.</param>
/// <param name="Code">Why.</param>
/// <param name="RemoteAddress">From where; empty for many addresses together.</param>
internal sealed record RefusalKind(string Action, string Subject, string Code, string RemoteAddress);

/// <summary>
/// Which entry further refusals of a kind are counted in. Used under the write lane only, so by one at a time. After a restart a new
/// entry begins: what was counted is in the store.
/// </summary>
internal sealed class RefusalCounts
{
    /// <summary>An entry takes up what comes so long after its first.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(15);

    /// <summary>Beyond so many kinds at once addresses are not told apart any more: they cost an attacker nothing.</summary>
    public const int MaxKinds = 200;

    private readonly Dictionary<RefusalKind, (long Seq, int Times, DateTimeOffset From)> _seen = [];

    /// <summary>The kind to count this one under.</summary>
    public RefusalKind KindOf(Actor actor, string action, string subject, string code, DateTimeOffset now)
    {
        foreach (var (over, _) in _seen.Where(one => now - one.Value.From >= Window).ToList())
        {
            _seen.Remove(over);
        }

        var kind = new RefusalKind(action, subject, code, actor.RemoteAddress);
        return _seen.Count < MaxKinds || _seen.ContainsKey(kind) ? kind : kind with { RemoteAddress = "" };
    }

    /// <summary>The entry that has it, and how often it has been refused with this one; null for the first.</summary>
    public (long Seq, int Times)? Next(RefusalKind kind) => _seen.TryGetValue(kind, out var known) ? (known.Seq, known.Times + 1) : null;

    /// <summary>It is in the store.</summary>
    public void Counted(RefusalKind kind, long seq, int times, DateTimeOffset now) =>
        _seen[kind] = (seq, times, times > 1 && _seen.TryGetValue(kind, out var known) ? known.From : now);
}

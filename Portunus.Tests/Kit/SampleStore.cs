using Portunus.Shared.Ids;
using Portunus.Shared.Rules;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using EdgeRow = Portunus.Web.Database.Tables.Edge;

namespace Portunus.Tests.Kit;

/// <summary>Puts rows into a store without asking anybody, for tests of what is done with them.</summary>
internal static class SampleStore
{
    private static long s_lastMilliseconds;

    public static async Task<Account> AddAccountAsync(this TempDb store, string name, AccountRole role = AccountRole.User, bool disabled = false)
    {
        var account = new Account
        {
            Id = AccountId.New(),
            UserName = name,
            NormalizedUserName = name.ToUpperInvariant(),
            DisplayName = name,
            SecurityStamp = "stamp",
            Role = role,
            Disabled = disabled,
        };
        await store.AddAsync(account);
        return account;
    }

    public static async Task<EdgeRow> AddEdgeAsync(this TempDb store, string name = "edge")
    {
        var edge = new EdgeRow { Id = EdgeId.New(), Name = name };
        await store.AddAsync(edge, new EdgeRevision { EdgeId = edge.Id, Number = 1 });
        return edge;
    }

    public static async Task<Grant> AddGrantAsync(this TempDb store, Account account, EdgeId? edge = null, string ports = "1-65535", Action<Grant>? change = null)
    {
        Assert.True(PortRange.TryParse(ports, out var range, out _));
        var grant = new Grant { Id = GrantId.New(), AccountId = account.Id, EdgeId = edge, FirstPort = range.First, LastPort = range.Last, Tcp = true };
        change?.Invoke(grant);
        await store.AddAsync(grant);
        return grant;
    }

    public static async Task<Rule> AddRuleAsync(this TempDb store, EdgeRow edge, Account owner, RuleSpec spec, Action<Rule>? change = null)
    {
        var rule = new Rule { Id = NextRule(), EdgeId = edge.Id, OwnerId = owner.Id };
        RuleRows.Write(rule, spec, RuleCheck.Check(spec).Rule!);
        change?.Invoke(rule);
        await store.AddAsync(rule);
        return rule;
    }

    /// <summary>Ids made in one millisecond are in no order, and a store in a test takes several in one: each of these is a millisecond later than the last.</summary>
    private static RuleId NextRule()
    {
        long last, next;
        do
        {
            last = Interlocked.Read(ref s_lastMilliseconds);
            next = Math.Max(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), last + 1);
        }
        while (Interlocked.CompareExchange(ref s_lastMilliseconds, next, last) != last);
        return new RuleId(Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(next)));
    }

    public static async Task AddAsync(this TempDb store, params object[] rows)
    {
        await using var db = store.CreateDbContext();
        db.AddRange(rows);
        await db.SaveChangesAsync();
    }

    public static async Task ChangeAsync<T>(this TempDb store, T row, Action<T> change)
        where T : class
    {
        await using var db = store.CreateDbContext();
        db.Attach(row);
        change(row);
        await db.SaveChangesAsync();
    }
}

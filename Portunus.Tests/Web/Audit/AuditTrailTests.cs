using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Tests.Kit;
using Portunus.Web.Audit;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;

namespace Portunus.Tests.Web.Audit;

/// <summary>No change without its entry, no entry without its change, and every refusal told.</summary>
public sealed class AuditTrailTests : IDisposable
{
    private static readonly AuditSubject s_subject = new("setting", "color", "Color");

    private readonly TempDb _store = new();
    private readonly AuditTrail _trail;
    private readonly Actor _actor = new()
    {
        Id = AccountId.New(), Name = "ada", Role = AccountRole.Superadmin, Via = "token", RemoteAddress = "192.0.2.7", RequestId = "r-1",
    };

    public AuditTrailTests() => _trail = new AuditTrail(_store.Lane, TimeProvider.System);

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task Done_LeavesTheChangeAndItsEntryWithWhoFromWhereAndWhat()
    {
        var outcome = await SetAsync(_actor, Set);
        Assert.True(outcome.IsDone);
        using var db = _store.CreateDbContext();
        Assert.Equal("red", db.Settings.Single(one => one.Key == "color").Value);
        var entry = db.AuditEntries.Single();
        Assert.Equal((_actor.Id, "ada", "superadmin", "token", "192.0.2.7", "r-1"),
            (entry.ActorId, entry.ActorName, entry.ActorRole, entry.Via, entry.RemoteAddress, entry.RequestId));
        Assert.Equal(("setting.change", "setting", "color", "Color", AuditOutcome.Done),
            (entry.Action, entry.SubjectKind, entry.SubjectId, entry.SubjectName, entry.Outcome));
        Assert.Equal((null, "{\"value\":\"red\"}"), (entry.Before, entry.After));
    }

    [Fact]
    public async Task Refused_LeavesNothingButTheRefusal()
    {
        var outcome = await SetAsync(_actor, async change =>
        {
            change.Db.Settings.Add(new Setting { Key = "color" });
            await change.Db.SaveChangesAsync();
            change.Tell("setting.change", s_subject);
            return new List<Problem> { new("one", "", "One."), new("two", "", "Two."), new("one", "x", "One again.") };
        });
        Assert.False(outcome.IsDone);
        using var db = _store.CreateDbContext();
        Assert.False(db.Settings.Any(one => one.Key == "color"));
        var entry = db.AuditEntries.Single();
        Assert.Equal((AuditOutcome.Refused, "one,two"), (entry.Outcome, entry.Reason));
    }

    [Fact]
    public async Task Thrown_LeavesNothingAtAllAndLetsTheNextOneIn()
    {
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => SetAsync(_actor, async change =>
        {
            await Set(change);
            await change.Db.SaveChangesAsync();
            throw new InvalidTimeZoneException();
        }));
        using var db = _store.CreateDbContext();
        Assert.Empty(db.AuditEntries);
        Assert.True((await Eventually.Within(SetAsync(_actor, Set))).IsDone);
    }

    [Fact]
    public async Task DoneWithoutAnEntry_IsABugAndKeepsNothing()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => SetAsync(_actor, change =>
        {
            change.Db.Settings.Add(new Setting { Key = "color" });
            return Task.FromResult<Outcome<Nothing>>(default(Nothing));
        }));
        using var db = _store.CreateDbContext();
        Assert.False(db.Settings.Any(one => one.Key == "color"));
    }

    [Fact]
    public async Task Trial_KeepsAndTellsNothing()
    {
        var outcome = await SetAsync(_actor, async change =>
        {
            change.IsTrial = true;
            return await Set(change);
        });
        Assert.True(outcome.IsDone);
        using var db = _store.CreateDbContext();
        Assert.Empty(db.AuditEntries);
        Assert.False(db.Settings.Any(one => one.Key == "color"));
    }

    [Fact]
    public async Task ReadOnlyCredential_IsRefusedBeforeAnythingRuns()
    {
        var outcome = await SetAsync(_actor with { IsReadOnly = true }, _ => throw new InvalidTimeZoneException());
        Assert.Equal("scope_required", Assert.Single(outcome.Problems).Code);
        using var db = _store.CreateDbContext();
        Assert.Equal("scope_required", db.AuditEntries.Single().Reason);
    }

    [Fact]
    public async Task AccountThatOwesAPassword_MayChangeNothingElse()
    {
        var owing = _actor with { MustChangePassword = true };
        Assert.Equal("password_change_required", Assert.Single((await SetAsync(owing, Set)).Problems).Code);
        Assert.True((await _trail.ChangeAsync<Nothing>(owing, "account.password.change", s_subject, Set, CancellationToken.None)).IsDone);
    }

    [Fact]
    public async Task RefusalThatMustLeaveSomething_LeavesItTogetherWithItsEntry()
    {
        await SetAsync(_actor, async change =>
        {
            change.Db.Settings.Add(new Setting { Key = "color" });
            await change.Db.SaveChangesAsync();
            change.KeepOnRefusal = db =>
            {
                db.SignInThrottles.Add(new SignInThrottle { Key = "kept" });
                return Task.CompletedTask;
            };
            return new Problem("no", "", "No.");
        });
        using var read = _store.CreateDbContext();
        Assert.Equal("kept", read.SignInThrottles.Single().Key);
        Assert.False(read.Settings.Any(one => one.Key == "color"));
        Assert.Equal("no", read.AuditEntries.Single().Reason);
    }

    [Fact]
    public void LongJson_IsToldByItsLength()
    {
        var json = AuditTrail.Json(new { text = new string('x', AuditTrail.MaxJsonLength) });
        Assert.StartsWith("{\"too_long\":", json, StringComparison.Ordinal);
    }

    private Task<Outcome<Nothing>> SetAsync(Actor actor, Func<AuditedChange, Task<Outcome<Nothing>>> work) =>
        _trail.ChangeAsync(actor, "setting.change", s_subject, work, CancellationToken.None);

    private static Task<Outcome<Nothing>> Set(AuditedChange change)
    {
        change.Db.Settings.Add(new Setting { Key = "color", Value = "red" });
        change.Tell("setting.change", s_subject, null, new { value = "red" });
        return Task.FromResult<Outcome<Nothing>>(default(Nothing));
    }
}

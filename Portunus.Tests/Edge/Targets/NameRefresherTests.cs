using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Portunus.Edge.Targets;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Targets;

public sealed class NameRefresherTests : IAsyncDisposable
{
    private const string Name = "db.example";
    private const string Old = "192.0.2.1";
    private const string New = "192.0.2.2";

    private readonly TempFolder _folder = new();
    private readonly TestClock _clock = new();
    private readonly DnsServer _server = new();
    private readonly NameRefresher _names;

    public NameRefresherTests()
    {
        var options = new ResolverOptions
        {
            ResolvConfPath = _folder.File("resolv.conf"),
            HostsPath = _folder.File("hosts"),
            NameServers = [_server.Address],
        };
        _names = new NameRefresher(options, _clock, NullLogger<NameRefresher>.Instance);
    }

    [Fact]
    public async Task Wait_ManyAtOnce_OneLookupAndOneCallEach()
    {
        var gate = new TaskCompletionSource();
        _server.Put(Name, Old);
        _server.Script = async ask =>
        {
            await gate.Task;
            return [_server.FromZone(ask)];
        };
        var entry = _names.Acquire(Name, preferIpv6: false);
        Assert.Null(entry.Addresses);
        var waiters = Enumerable.Range(0, 100).Select(_ => new Waiter()).ToList();
        Parallel.ForEach(waiters, entry.Wait);
        Assert.All(waiters, waiter => Assert.Equal(0, waiter.Calls));
        gate.SetResult();
        await Eventually.Holds(() => waiters.TrueForAll(waiter => waiter.Calls > 0), "all are told");
        Assert.All(waiters, waiter => Assert.Equal((1, Old), (waiter.Calls, waiter.Seen)));
        Assert.Equal(1, _server.CountOf(Name, DnsBytes.TypeA));
        Assert.Equal(1, _server.CountOf(Name, DnsBytes.TypeAaaa));
    }

    [Fact]
    public async Task Wait_RacesWithTheAnswer_CalledOnce()
    {
        _server.Put("good.example", Old);
        for (var turn = 0; turn < 100; turn++)
        {
            // A name that is there, and one that is not.
            var entry = _names.Acquire(turn % 2 == 0 ? "good.example" : $"bad{turn}.example", preferIpv6: false);
            var waiters = new List<Waiter>();
            while (waiters.Count < 20 || waiters[0].Calls == 0)
            {
                var waiter = new Waiter();
                waiters.Add(waiter);
                entry.Wait(waiter);
                await Task.Yield();
            }

            await Eventually.Holds(() => waiters.TrueForAll(waiter => waiter.Calls > 0), "all are told");
            Assert.All(waiters, waiter => Assert.Equal(1, waiter.Calls));
            _names.Release(entry);
        }
    }

    [Fact]
    public async Task Wait_AnswerKnown_CalledWithinTheCall()
    {
        var entry = await ResolvedAsync();
        var waiter = new Waiter();
        entry.Wait(waiter);
        Assert.Equal((1, Old), (waiter.Calls, waiter.Seen));
    }

    [Fact]
    public async Task Failure_IsRememberedBriefly_NoStorm()
    {
        var entry = _names.Acquire(Name, preferIpv6: false);
        await FailedAsync(entry);
        Assert.Equal(1, _server.CountOf(Name, DnsBytes.TypeA));
        for (var i = 0; i < 1000; i++)
        {
            var waiter = new Waiter();
            entry.Wait(waiter);
            Assert.Equal((1, null), (waiter.Calls, waiter.Seen));
        }

        Assert.Equal(1, _server.CountOf(Name, DnsBytes.TypeA));
        _server.Put(Name, Old);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await Eventually.Equals(Old, () => Shown(entry), "the name is tried again by itself");
    }

    [Fact]
    public async Task Failure_Lasting_TriedAtGrowingDistances()
    {
        var entry = _names.Acquire(Name, preferIpv6: false);
        var asked = 1;
        foreach (var seconds in new[] { 1, 2, 4, 8, 16, 32, 60, 60 })
        {
            await Eventually.Holds(() => _clock.NextDue == TimeSpan.FromSeconds(seconds), $"next in {seconds} s, is {_clock.NextDue}");
            Assert.Equal(asked++, _server.CountOf(Name, DnsBytes.TypeA));
            _clock.Advance(TimeSpan.FromSeconds(seconds));
        }

        // Whoever asks does not wait for that: after five seconds at most it is asked at once.
        await Eventually.Holds(() => _clock.NextDue == TimeSpan.FromSeconds(60), "the last lookup has ended");
        _clock.Advance(TimeSpan.FromSeconds(5));
        _server.Put(Name, Old);
        var waiter = new Waiter();
        entry.Wait(waiter);
        await Eventually.Equals(Old, () => waiter.Seen, "the name is asked for on demand");
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(60, 54)]
    [InlineData(100_000, 270)]
    public async Task Refresh_BeforeTheTimeToLiveEnds_WithoutAGap(int ttl, int refreshAt)
    {
        _server.Ttl = (uint)ttl;
        var entry = await ResolvedAsync();
        _server.Put(Name, New);
        _clock.Advance(TimeSpan.FromSeconds(refreshAt) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, _server.CountOf(Name, DnsBytes.TypeA));
        Assert.Equal(Old, Shown(entry));
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.NotNull(Shown(entry));
        await Eventually.Equals(New, () => Shown(entry), "the new address is there");
        Assert.Equal(2, _server.CountOf(Name, DnsBytes.TypeA));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stale_ServersFail_AddressesHoldThirtySecondsMore(bool silent)
    {
        var entry = await ResolvedAsync();
        _server.Play(ask => silent ? [] : [DnsBytes.Message(ask.Id, DnsServer.Answer | 2, ask.Name, ask.Type)]);
        _clock.Advance(TimeSpan.FromSeconds(54));
        await Eventually.Holds(() => _server.CountOf(Name, DnsBytes.TypeA) > 1, "the refresh has begun");
        _clock.Advance(TimeSpan.FromSeconds(36) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(Old, Shown(entry));
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(entry.Addresses);

        _server.Put(Name, New);
        _server.Script = null;
        var steps = 0;
        await Eventually.Holds(
            () =>
            {
                // The lookup under way may still wait out its time.
                _clock.Advance(TimeSpan.FromSeconds(steps++ % 20 == 0 ? 1 : 0));
                return Shown(entry) == New;
            },
            "the name comes back");
    }

    [Fact]
    public async Task Stale_RefreshSucceedsInTime_NobodyNotices()
    {
        var entry = await ResolvedAsync();
        _server.Play(ask => [DnsBytes.Message(ask.Id, DnsServer.Answer | 2, ask.Name, ask.Type)]);
        _clock.Advance(TimeSpan.FromSeconds(54));
        await Eventually.Holds(() => _clock.NextDue == TimeSpan.FromSeconds(1), "the refresh has failed");
        _server.Put(Name, New);
        _server.Script = null;
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(Shown(entry));
        await Eventually.Equals(New, () => Shown(entry), "the new address is there");
    }

    [Fact]
    public async Task Denial_EndsTheAddressesWithTheirTimeToLive()
    {
        var entry = await ResolvedAsync();
        _server.Remove(Name);
        _clock.Advance(TimeSpan.FromSeconds(54));
        await Eventually.Holds(() => _clock.NextDue == TimeSpan.FromSeconds(1), "the refresh is denied");
        _clock.Advance(TimeSpan.FromSeconds(6) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(Old, Shown(entry));
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(entry.Addresses);
    }

    [Fact]
    public async Task Release_LastHolder_NoMoreLookups()
    {
        var first = await ResolvedAsync();
        var second = _names.Acquire(Name, preferIpv6: true);
        _names.Release(first);
        _names.Release(first);
        _clock.Advance(TimeSpan.FromSeconds(54));
        await Eventually.Equals(2, () => _server.CountOf(Name, DnsBytes.TypeA), "one holder is left");
        await Eventually.Holds(() => _clock.NextDue == TimeSpan.FromSeconds(54), "the refresh has ended");
        _names.Release(second);
        Assert.Null(_clock.NextDue);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(2, _server.CountOf(Name, DnsBytes.TypeA));

        // A flow of the old revision may still dial it.
        Assert.Null(second.Addresses);
        var waiter = new Waiter();
        second.Wait(waiter);
        await Eventually.Equals(Old, () => waiter.Seen, "asked on demand");
        Assert.Equal(1, waiter.Calls);
        await Eventually.Holds(() => _clock.NextDue is null, "and not again");
    }

    [Fact]
    public async Task Order_FollowsThePreference_OneLookupForBoth()
    {
        _server.Put(Name, "192.0.2.1", "2001:db8::1", "192.0.2.2", "2001:db8::2");
        var v4 = _names.Acquire(Name, preferIpv6: false);
        var v6 = _names.Acquire(Name, preferIpv6: true);
        await Eventually.Holds(() => v4.Addresses is not null, "resolved");
        Assert.Equal("192.0.2.1 192.0.2.2 2001:db8::1 2001:db8::2", Shown(v4));
        Assert.Equal("2001:db8::1 2001:db8::2 192.0.2.1 192.0.2.2", Shown(v6));
        Assert.Equal(2, _server.Asked.Count);
    }

    [Fact]
    public async Task OneFamilySilent_TheOtherIsUsedSoon()
    {
        _server.Put(Name, Old);
        _server.Play(ask => ask.Type == DnsBytes.TypeAaaa ? [] : [_server.FromZone(ask)]);
        var entry = _names.Acquire(Name, preferIpv6: true);
        var waiter = new Waiter();
        entry.Wait(waiter);
        await Eventually.Holds(() => _clock.NextDue == NameLookup.FamilyPatience, "one family is there");
        Assert.Equal(0, waiter.Calls);
        _clock.Advance(NameLookup.FamilyPatience);
        await Eventually.Equals(Old, () => waiter.Seen, "it does not wait for the other");
        _clock.Advance(NameRefresher.Deadline);
        await Eventually.Holds(() => _clock.NextDue == TimeSpan.FromSeconds(1), "the lookup has ended");
        Assert.Equal((1, Old), (waiter.Calls, Shown(entry)));
    }

    [Fact]
    public async Task OneFamilyFails_KeepsWhatItHad()
    {
        _server.Put(Name, Old, "2001:db8::1");
        var entry = _names.Acquire(Name, preferIpv6: true);
        await Eventually.Holds(() => entry.Addresses is not null, "resolved");
        _server.Play(ask => ask.Type == DnsBytes.TypeAaaa
            ? [DnsBytes.Message(ask.Id, DnsServer.Answer | 2, ask.Name, ask.Type)]
            : [DnsBytes.Message(ask.Id, DnsServer.Answer, ask.Name, ask.Type, DnsBytes.Address(Name, New, 60))]);
        _clock.Advance(TimeSpan.FromSeconds(54));
        await Eventually.Equals($"2001:db8::1 {New}", () => Shown(entry), "one family is new, the other kept");
    }

    [Theory]
    [InlineData("localhost", "127.0.0.1 ::1")]
    [InlineData("app.localhost", "127.0.0.1 ::1")]
    [InlineData("listed", "192.0.2.77 2001:db8::77")]
    public async Task HostsAndLocalhost_BeforeAnyServer(string host, string addresses)
    {
        File.WriteAllText(_folder.File("hosts"), "203.0.113.1 localhost app.localhost\n2001:db8::77 Listed\n192.0.2.77 listed\n");
        var entry = _names.Acquire(host, preferIpv6: false);
        await Eventually.Equals(addresses, () => Shown(entry), "resolved");
        Assert.Empty(_server.Asked);
    }

    [Fact]
    public async Task Hosts_Changed_SeenWithinSeconds()
    {
        File.WriteAllText(_folder.File("hosts"), $"{Old} {Name}\n");
        var entry = _names.Acquire(Name, preferIpv6: false);
        await Eventually.Equals(Old, () => Shown(entry), "resolved");
        File.WriteAllText(_folder.File("hosts"), $"{New} {Name}\n");
        _clock.Advance(TimeSpan.FromSeconds(4));
        await Eventually.Equals(New, () => Shown(entry), "the change is seen");
    }

    [Theory]
    [InlineData("db", "db.a.example db.b.example")]
    [InlineData("db.near", "db.near.a.example db.near.b.example")]
    [InlineData("db.near.far", "db.near.far db.near.far.a.example db.near.far.b.example")]
    public async Task Search_DotsDecideTheOrder(string host, string expected)
    {
        File.WriteAllText(_folder.File("resolv.conf"), "search a.example b.example\noptions ndots:2\n");
        _server.Put($"{host}.b.example", Old);
        var entry = _names.Acquire(host, preferIpv6: false);
        await Eventually.Equals(Old, () => Shown(entry), "resolved");
        Assert.Equal(expected, string.Join(' ', _server.Asked.Where(ask => ask.Type == DnsBytes.TypeA).Select(ask => ask.Name)));
    }

    [Fact]
    public async Task ServersSilent_ManyNames_NobodyWaitsLongerThanOneLookup()
    {
        _server.Play(_ => []);
        var waiters = new List<Waiter>();
        for (var i = 0; i < 200; i++)
        {
            var waiter = new Waiter();
            waiters.Add(waiter);
            _names.Acquire($"name{i}.example", preferIpv6: false).Wait(waiter);
        }

        // 64 at one time, each with a question for either family.
        await Eventually.Holds(() => _server.Asked.Count == 128, "as many as may are under way");
        await Eventually.Equals(200, () => _clock.CountDueWithin(NameRefresher.Deadline, longerThan: TimeSpan.FromSeconds(5)), "each has its limit");
        Assert.All(waiters, waiter => Assert.Equal(0, waiter.Calls));
        _clock.Advance(NameRefresher.Deadline);
        await Eventually.Holds(() => waiters.TrueForAll(waiter => waiter.Calls > 0), "all are told");
        Assert.All(waiters, waiter => Assert.Equal((1, null), (waiter.Calls, waiter.Seen)));
    }

    [Fact]
    public async Task Log_OneLineForEachChange_HoweverOftenItIsAsked()
    {
        var lines = new LogLines<NameRefresher>();
        await using var names = new NameRefresher(
            new ResolverOptions { ResolvConfPath = _folder.File("resolv.conf"), HostsPath = _folder.File("hosts"), NameServers = [_server.Address] }, _clock, lines);
        var entry = names.Acquire(Name, preferIpv6: false);
        foreach (var seconds in new[] { 1, 2, 4 })
        {
            await Eventually.Holds(() => _clock.NextDue == TimeSpan.FromSeconds(seconds), "denied");
            _clock.Advance(TimeSpan.FromSeconds(seconds));
        }

        await Eventually.Holds(() => _clock.NextDue == TimeSpan.FromSeconds(8), "denied");
        _server.Put(Name, Old);
        _clock.Advance(TimeSpan.FromSeconds(8));
        await Eventually.Equals(Old, () => Shown(entry), "resolved");
        _server.Play(ask => [DnsBytes.Message(ask.Id, DnsServer.Answer | 2, ask.Name, ask.Type)]);
        _clock.Advance(TimeSpan.FromSeconds(54));
        await Eventually.Holds(() => _clock.NextDue == TimeSpan.FromSeconds(1), "refused");
        var told = lines.All.Where(line => line.Level > LogLevel.Debug).ToList();
        Assert.Equal([LogLevel.Warning, LogLevel.Information, LogLevel.Warning], told.Select(line => line.Level));
        Assert.StartsWith($"{Name} has no address: {_server.Address} says that there is no such name", told[0].Text, StringComparison.Ordinal);
        Assert.Equal($"{Name} cannot be looked up again ({_server.Address} answers ServerFailure); its old addresses are used for 36 s at most", told[2].Text);
    }

    [Fact]
    public async Task Dispose_WhileSomebodyWaits_EachIsToldOnce()
    {
        _server.Play(_ => []);
        var entry = _names.Acquire(Name, preferIpv6: false);
        var before = new Waiter();
        entry.Wait(before);
        await Eventually.Holds(() => _server.Asked.Count == 2, "the lookup is under way");
        await Eventually.Within(_names.DisposeAsync().AsTask());
        Assert.Equal((1, null), (before.Calls, before.Seen));
        var after = new Waiter();
        _clock.Advance(TimeSpan.FromMinutes(1));
        entry.Wait(after);
        Assert.Equal((1, null), (after.Calls, after.Seen));
        Assert.Equal(1, before.Calls);
    }

    public async ValueTask DisposeAsync()
    {
        await _names.DisposeAsync();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private static string? Shown(NameEntry entry) => entry.Addresses is { } addresses ? string.Join(' ', addresses.Select(one => one.ToString())) : null;

    private static async Task FailedAsync(NameEntry entry)
    {
        var waiter = new Waiter();
        entry.Wait(waiter);
        await Eventually.Holds(() => waiter.Calls > 0, "the failure is told");
        Assert.Equal((1, null), (waiter.Calls, waiter.Seen));
    }

    /// <summary>The name with its old address, for a minute unless the server says otherwise, and its lookup ended.</summary>
    private async Task<NameEntry> ResolvedAsync()
    {
        _server.Put(Name, Old);
        var entry = _names.Acquire(Name, preferIpv6: false);
        await Eventually.Equals(Old, () => Shown(entry), "resolved");
        return entry;
    }

    private sealed class Waiter : INameWaiter
    {
        private int _calls;

        public int Calls => Volatile.Read(ref _calls);

        /// <summary>What there was when it was called.</summary>
        public string? Seen { get; private set; }

        public void NameReady(NameEntry entry)
        {
            Seen = Shown(entry);
            Interlocked.Increment(ref _calls);
        }
    }
}

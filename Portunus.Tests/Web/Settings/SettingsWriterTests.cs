using Microsoft.EntityFrameworkCore;
using Portunus.Tests.Kit;
using Portunus.Web.Audit;
using Portunus.Web.Database.Tables;
using Portunus.Web.Edges;
using Portunus.Web.Outcomes;
using Portunus.Web.Settings;

namespace Portunus.Tests.Web.Settings;

public sealed class SettingsWriterTests : IAsyncLifetime, IDisposable
{
    private static readonly SettingsOptions s_options = new("link.example.net:7443", 90);

    private readonly TempDb _store = new();
    private readonly SettingsReader _reader;
    private readonly SettingsWriter _writer;
    private Account _root = null!;

    public SettingsWriterTests()
    {
        _reader = new SettingsReader(_store, s_options, new SampleLinkEnd());
        _writer = new SettingsWriter(new AuditTrail(_store.Lane, TimeProvider.System), _reader);
    }

    public async Task InitializeAsync() => _root = await _store.AddAccountAsync("root", AccountRole.Superadmin);

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task SettingsThatNobodyChanged_AreThoseOfTheOptions()
    {
        var view = (await _reader.GetAsync(_root.AsActor(), "admin.example.org", CancellationToken.None)).Value;

        Assert.Equal((null, "link.example.net:7443", AddressSource.Options, 90, 0L),
            (view.AdvertisedAddress, view.AdvertisedAddressEffective, view.AdvertisedAddressSource, view.AuditRetentionDays, view.Revision));
        Assert.NotEmpty(view.PlanEpoch);
        Assert.Equal(AddressSource.None, (await new SettingsReader(_store, new SettingsOptions(null, 0), new SampleLinkEnd()).GetAsync(_root.AsActor(), null, CancellationToken.None)).Value.AdvertisedAddressSource);
    }

    [Fact]
    public async Task ChangedSetting_WinsUntilItIsTakenAway()
    {
        var set = (await ChangeAsync("HOST.example.org:443", 0)).Value;
        Assert.Equal(("host.example.org:443", AddressSource.Setting, 1L), (set.AdvertisedAddressEffective, set.AdvertisedAddressSource, set.Revision));
        Assert.Equal("revision_stale", Assert.Single((await ChangeAsync("other:1", 0)).Problems).Code);

        var cleared = (await ChangeAsync(null, 1)).Value;
        Assert.Equal((null, AddressSource.Options, 2L), (cleared.AdvertisedAddress, cleared.AdvertisedAddressSource, cleared.Revision));
        await using var db = _store.CreateDbContext();
        Assert.Equal(2, await db.AuditEntries.CountAsync(entry => entry.Action == "settings.change" && entry.Outcome == AuditOutcome.Done));
    }

    [Fact]
    public async Task WithoutSettingAndOptions_TheHostOfTheRequestIsShown()
    {
        var silent = new SettingsReader(_store, new SettingsOptions(null, 0), new SampleLinkEnd());

        var view = (await silent.GetAsync(_root.AsActor(), "admin.example.org", CancellationToken.None)).Value;
        Assert.Equal(("admin.example.org:7443", AddressSource.Request), (view.AdvertisedAddressEffective, view.AdvertisedAddressSource));
        Assert.Equal("[2001:db8::1]:7443", (await silent.GetAsync(_root.AsActor(), "[2001:DB8::1]", CancellationToken.None)).Value.AdvertisedAddressEffective);
        Assert.Null((await silent.GetAsync(_root.AsActor(), "what/ever", CancellationToken.None)).Value.AdvertisedAddressEffective);
    }

    [Theory]
    [InlineData("host")]
    [InlineData("host:0")]
    [InlineData("host:65536")]
    [InlineData("::1:80")]
    [InlineData("https://host:443")]
    [InlineData(":443")]
    public async Task WrongAddress_IsRefused(string address)
    {
        Assert.Equal("advertised_address_malformed", Assert.Single((await ChangeAsync(address, null)).Problems).Code);
    }

    [Theory]
    [InlineData("192.0.2.1:1", "192.0.2.1:1")]
    [InlineData("[2001:DB8::1]:443", "[2001:db8::1]:443")]
    public async Task Address_IsKeptInOneSpelling(string address, string wanted)
    {
        Assert.Equal(wanted, (await ChangeAsync(address, null)).Value.AdvertisedAddress);
    }

    [Fact]
    public async Task Roles_AreAskedFor()
    {
        var (tenant, auditor) = ((await _store.AddAccountAsync("tenant")).AsActor(), (await _store.AddAccountAsync("auditor", AccountRole.Auditor)).AsActor());

        Assert.Equal("role_required", Assert.Single((await _reader.GetAsync(tenant, null, CancellationToken.None)).Problems).Code);
        Assert.True((await _reader.GetAsync(auditor, null, CancellationToken.None)).IsDone);
        foreach (var actor in new[] { tenant, auditor })
        {
            Assert.Equal("role_required", Assert.Single((await _writer.ChangeAsync(actor, null, null, fields => fields, CancellationToken.None)).Problems).Code);
        }
    }

    private Task<Outcome<SettingsView>> ChangeAsync(string? address, long? revision) =>
        _writer.ChangeAsync(_root.AsActor(), revision, "admin.example.org", fields => fields with { AdvertisedAddress = address }, CancellationToken.None);
}

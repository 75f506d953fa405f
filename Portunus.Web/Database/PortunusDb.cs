using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Portunus.Shared.Ids;
using Portunus.Shared.Rules;
using Portunus.Web.Database.Ids;
using Portunus.Web.Database.Tables;
using Portunus.Web.Live;

namespace Portunus.Web.Database;

/// <summary>
/// The store: nothing but its sets and how values are spelled in it. One is opened for each operation, through
/// <see cref="IDbContextFactory{TContext}"/> to read and <see cref="WriteLane"/> to write, and closed by whoever opened it.
/// </summary>
internal sealed class PortunusDb(DbContextOptions<PortunusDb> options) : DbContext(options)
{
    /// <summary>What those who look at it should look at again once this is committed.</summary>
    public HashSet<LiveTopic> Changed { get; } = [];

    public DbSet<Account> Accounts => Set<Account>();

    public DbSet<RecoveryCode> RecoveryCodes => Set<RecoveryCode>();

    public DbSet<ApiToken> ApiTokens => Set<ApiToken>();

    public DbSet<SignIn> SignIns => Set<SignIn>();

    public DbSet<SignInThrottle> SignInThrottles => Set<SignInThrottle>();

    public DbSet<SetupToken> SetupTokens => Set<SetupToken>();

    public DbSet<Edge> Edges => Set<Edge>();

    public DbSet<EdgeTombstone> EdgeTombstones => Set<EdgeTombstone>();

    public DbSet<EdgeRevision> EdgeRevisions => Set<EdgeRevision>();

    public DbSet<EnrollCode> EnrollCodes => Set<EnrollCode>();

    public DbSet<Grant> Grants => Set<Grant>();

    public DbSet<Rule> Rules => Set<Rule>();

    public DbSet<RuleTombstone> RuleTombstones => Set<RuleTombstone>();

    public DbSet<OwnerLimit> OwnerLimits => Set<OwnerLimit>();

    public DbSet<RuleTotal> RuleTotals => Set<RuleTotal>();

    public DbSet<EdgeBoot> EdgeBoots => Set<EdgeBoot>();

    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();

    public DbSet<Setting> Settings => Set<Setting>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.ApplyConfigurationsFromAssembly(typeof(PortunusDb).Assembly);

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTime>();
        configurationBuilder.Properties<AccountId>().HaveConversion<AccountText>();
        configurationBuilder.Properties<EdgeId>().HaveConversion<EdgeText>();
        configurationBuilder.Properties<RuleId>().HaveConversion<RuleText>();
        configurationBuilder.Properties<GrantId>().HaveConversion<GrantText>();
        configurationBuilder.Properties<ApiTokenId>().HaveConversion<ApiTokenText>();
        configurationBuilder.Properties<SignInId>().HaveConversion<SignInText>();
        configurationBuilder.Properties<EnrollCodeId>().HaveConversion<EnrollCodeText>();
        configurationBuilder.Properties<AccountRole>().HaveConversion<string>();
        configurationBuilder.Properties<TokenScope>().HaveConversion<string>();
        configurationBuilder.Properties<AuditOutcome>().HaveConversion<string>();
        configurationBuilder.Properties<TransportProtocol>().HaveConversion<string>();
    }

    // Ids are text in lower case: readable in the file, and in the order of their times because every one is of version 7.
    private static Guid Read(string text) => Guid.ParseExact(text, "D");

    private sealed class AccountText() : ValueConverter<AccountId, string>(id => id.ToString(), text => new AccountId(Read(text)));

    private sealed class EdgeText() : ValueConverter<EdgeId, string>(id => id.ToString(), text => new EdgeId(Read(text)));

    private sealed class RuleText() : ValueConverter<RuleId, string>(id => id.ToString(), text => new RuleId(Read(text)));

    private sealed class GrantText() : ValueConverter<GrantId, string>(id => id.ToString(), text => new GrantId(Read(text)));

    private sealed class ApiTokenText() : ValueConverter<ApiTokenId, string>(id => id.ToString(), text => new ApiTokenId(Read(text)));

    private sealed class SignInText() : ValueConverter<SignInId, string>(id => id.ToString(), text => new SignInId(Read(text)));

    private sealed class EnrollCodeText() : ValueConverter<EnrollCodeId, string>(id => id.ToString(), text => new EnrollCodeId(Read(text)));
}

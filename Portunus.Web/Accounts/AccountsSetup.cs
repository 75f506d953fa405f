using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Portunus.Web.Audit;
using Portunus.Web.Database;

namespace Portunus.Web.Accounts;

/// <summary>The room's door. Every route is closed unless it says otherwise itself.</summary>
internal static class AccountsSetup
{
    public static IServiceCollection AddAccounts(this IServiceCollection services, AccountsOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(_ => new PasswordHashes(options.HashIterations));
        services.AddSingleton<SignInGate>();
        services.AddSingleton<LastUse>();
        services.AddHostedService(all => all.GetRequiredService<LastUse>());
        services.AddSingleton<CredentialReader>();
        services.AddSingleton<IStanding, StandingReader>();
        services.AddSingleton<AccountReader>();
        services.AddSingleton<AccountWriter>();
        services.AddSingleton<SetupTokens>();
        services.AddSingleton<SignInWriter>();
        services.AddSingleton<OwnProof>();
        services.AddSingleton<PasswordWriter>();
        services.AddSingleton<TokenWriter>();
        services.AddSingleton<SecondFactorWriter>();
        // What browsers hold for the pages is protected by keys of the data directory: it outlives a restart, and moves with a backup.
        services.AddDataProtection().SetApplicationName("portunus");
        services.AddOptions<KeyManagementOptions>().Configure<DataDirectory, ILoggerFactory>((keys, directory, loggers) =>
            keys.XmlRepository = new FileSystemXmlRepository(directory.OpenKeys(), loggers));
        services.AddAuthentication(CredentialHandler.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, CredentialHandler>(CredentialHandler.SchemeName, null);
        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder(CredentialHandler.SchemeName).RequireAuthenticatedUser().Build());
        return services;
    }
}

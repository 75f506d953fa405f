using Portunus.Web.Accounts;

namespace Portunus.Web.Grants;

/// <summary>The room's door.</summary>
internal static class GrantsSetup
{
    public static IServiceCollection AddGrants(this IServiceCollection services) =>
        services.AddSingleton<GrantWriter>().AddSingleton<GrantReader>().AddSingleton<IOwnerConsequence, GrantsOfOwner>();
}

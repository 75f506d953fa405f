using Portunus.Web.Accounts;

namespace Portunus.Web.Rules;

/// <summary>The room's door.</summary>
internal static class RulesSetup
{
    public static IServiceCollection AddRules(this IServiceCollection services) =>
        services.AddSingleton<RuleWriter>().AddSingleton<RuleBulk>().AddSingleton<RuleReader>().AddSingleton<RuleFacts>().AddSingleton<RuleWait>().AddSingleton<IOwnerConsequence, RulesOfOwner>();
}

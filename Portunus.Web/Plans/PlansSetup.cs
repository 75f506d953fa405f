namespace Portunus.Web.Plans;

/// <summary>The room's door.</summary>
internal static class PlansSetup
{
    public static IServiceCollection AddPlans(this IServiceCollection services) => services.AddSingleton<PlanBuilder>();
}

using Microsoft.Extensions.DependencyInjection.Extensions;
using Portunus.Web.Edges;

namespace Portunus.Web.Plans;

/// <summary>The room's door. Whoever serves a link adds an <see cref="IPlanSender"/> of its own.</summary>
internal static class PlansSetup
{
    public static IServiceCollection AddPlans(this IServiceCollection services)
    {
        services.TryAddSingleton<IPlanSender, UnlinkedSender>();
        return services
            .AddSingleton<PlanBuilder>().AddSingleton<PlanOutcomes>().AddSingleton<PlanPublisher>()
            .AddSingleton<IRuleTally>(all => all.GetRequiredService<PlanOutcomes>())
            .AddHostedService(all => all.GetRequiredService<PlanPublisher>())
            .AddHostedService<PlanExpiry>().AddHostedService<TombstoneRemoval>();
    }
}

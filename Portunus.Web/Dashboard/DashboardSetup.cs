namespace Portunus.Web.Dashboard;

/// <summary>The room's door: what people look at, over rules, edges and traffic together.</summary>
internal static class DashboardSetup
{
    public static IServiceCollection AddDashboard(this IServiceCollection services) => services.AddSingleton<TrafficSight>().AddSingleton<TrafficStreams>();
}

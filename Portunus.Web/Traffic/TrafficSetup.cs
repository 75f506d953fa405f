namespace Portunus.Web.Traffic;

/// <summary>The room's door.</summary>
internal static class TrafficSetup
{
    public static IServiceCollection AddTraffic(this IServiceCollection services)
    {
        services.AddSingleton<TrafficBook>().AddSingleton<PortWatch>().AddSingleton<TrafficIntake>();
        services.AddSingleton<LedgerReader>().AddSingleton<LedgerWriter>().AddSingleton<OwnerLookup>().AddSingleton<TrafficReader>().AddSingleton<FleetReader>();
        services.AddSingleton<TrafficWorker>();
        services.AddHostedService(all => all.GetRequiredService<TrafficWorker>());
        return services;
    }
}

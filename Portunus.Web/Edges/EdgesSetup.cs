namespace Portunus.Web.Edges;

/// <summary>The room's door.</summary>
internal static class EdgesSetup
{
    public static IServiceCollection AddEdges(this IServiceCollection services, EdgesOptions options) => services
        .AddSingleton(options).AddSingleton<EnrollLines>().AddSingleton<EnrollRedeeming>().AddSingleton<EdgeCredentialReader>()
        .AddSingleton<EdgeSightings>().AddHostedService(all => all.GetRequiredService<EdgeSightings>())
        .AddSingleton<EdgePresence>().AddSingleton<EdgeWriter>().AddSingleton<EdgeReader>().AddSingleton<EnrollCodes>().AddSingleton<OwnerLimits>();
}

namespace Portunus.Web.Edges;

/// <summary>The room's door.</summary>
internal static class EdgesSetup
{
    public static IServiceCollection AddEdges(this IServiceCollection services) =>
        services.AddSingleton<EdgePresence>().AddSingleton<EdgeWriter>().AddSingleton<EdgeReader>().AddSingleton<EnrollCodes>().AddSingleton<OwnerLimits>();
}

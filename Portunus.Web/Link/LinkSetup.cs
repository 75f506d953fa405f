using Portunus.Web.Database;
using Portunus.Web.Edges;

namespace Portunus.Web.Link;

/// <summary>The room's door.</summary>
internal static class LinkSetup
{
    public static IServiceCollection AddLink(this IServiceCollection services, LinkListenOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(all => LinkKeys.Open(all.GetRequiredService<DataDirectory>(), all.GetRequiredService<TimeProvider>()));
        services.AddSingleton<LinkListener>();
        services.AddSingleton<ILinkEnd>(all => all.GetRequiredService<LinkListener>());
        return services;
    }
}

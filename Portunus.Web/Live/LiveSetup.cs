namespace Portunus.Web.Live;

/// <summary>The room's door.</summary>
internal static class LiveSetup
{
    public static IServiceCollection AddLive(this IServiceCollection services) => services.AddSingleton<LiveFeed>();
}

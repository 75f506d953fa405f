using System.Net;

namespace Portunus.Web.Scrape;

/// <summary>The room's door.</summary>
internal static class ScrapeSetup
{
    public static IServiceCollection AddScrape(this IServiceCollection services, IPEndPoint listen) =>
        services.AddSingleton(new MetricsListener(listen)).AddSingleton<FleetNames>().AddSingleton<MetricsReader>();
}

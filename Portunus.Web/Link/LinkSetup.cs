using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Portunus.Shared.Link;
using Portunus.Web.Api;
using Portunus.Web.Database;
using Portunus.Web.Edges;
using Portunus.Web.Plans;

namespace Portunus.Web.Link;

/// <summary>The room's door.</summary>
internal static class LinkSetup
{
    private const string Policy = "edge";

    public static IServiceCollection AddLink(this IServiceCollection services, LinkListenOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(all => LinkKeys.Open(all.GetRequiredService<DataDirectory>(), all.GetRequiredService<TimeProvider>()));
        services.AddSingleton<LinkListener>();
        services.AddSingleton<ILinkEnd>(all => all.GetRequiredService<LinkListener>());
        services.AddSingleton<EdgeConnections>().AddSingleton<LinkMeter>().AddSingleton<LinkCuts>().AddSingleton<EdgeLinks>();
        services.AddSingleton<LinkTrust>().AddHostedService(all => all.GetRequiredService<LinkTrust>());
        services.AddSingleton<LinkSender>().AddHostedService(all => all.GetRequiredService<LinkSender>());
        services.AddSingleton<LinkRotation>().AddHostedService(all => all.GetRequiredService<LinkRotation>());
        services.AddHostedService<LinkFarewell>();
        services.AddSingleton<ILinkRotation>(all => all.GetRequiredService<LinkRotation>());
        services.AddSingleton<IPlanSender, HubPlanSender>();
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, EdgeTokenHandler>(EdgeTokenHandler.SchemeName, null);
        services.AddAuthorizationBuilder().AddPolicy(Policy, new AuthorizationPolicyBuilder(EdgeTokenHandler.SchemeName).RequireAuthenticatedUser().Build());
        services.AddSignalR().AddHubOptions<EdgeHub>(hub =>
        {
            hub.KeepAliveInterval = LinkRoutes.KeepAlive;
            hub.ClientTimeoutInterval = LinkRoutes.Silence;
            hub.HandshakeTimeout = TimeSpan.FromSeconds(10);
            hub.MaximumReceiveMessageSize = LinkRoutes.MaxMessageBytes;
            hub.MaximumParallelInvocationsPerClient = 1;
            hub.EnableDetailedErrors = false;
            hub.DisableImplicitFromServicesParameters = true;
            hub.AddFilter<LinkGuard>();
        });
        services.AddSingleton<LinkGuard>();
        // The last one of a name is the one that is used.
        services.AddSingleton<IHubProtocol, LinkProtocol>();
        return services;
    }

    public static void MapLink(this IEndpointRouteBuilder routes)
    {
        routes.MapEnroll();
        routes.MapHub<EdgeHub>(LinkRoutes.Hub, hub => hub.Transports = HttpTransportType.WebSockets)
            .RequireAuthorization(Policy)
            // Negotiation comes along with a hub and is nobody's way in here.
            .Add(endpoint => endpoint.Metadata.Add(new ServedOn(endpoint is RouteEndpointBuilder { RoutePattern.RawText: LinkRoutes.Hub } ? ListenerKind.Link : ListenerKind.None)));
    }
}

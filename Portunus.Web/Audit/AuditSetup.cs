namespace Portunus.Web.Audit;

/// <summary>The room's door.</summary>
internal static class AuditSetup
{
    public static IServiceCollection AddAudit(this IServiceCollection services, AuditRetentionOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<AuditTrail>();
        services.AddSingleton<AuditReader>();
        services.AddSingleton<AuditRetention>();
        services.AddHostedService(all => all.GetRequiredService<AuditRetention>());
        return services;
    }
}

using Portunus.Web.Database;

namespace Portunus.Web.Maintenance;

/// <summary>The room's door.</summary>
internal static class MaintenanceSetup
{
    /// <param name="services">The program's.</param>
    /// <param name="tlsFiles">Certificate and key of the admin listener, where it has some.</param>
    public static IServiceCollection AddMaintenance(this IServiceCollection services, IReadOnlyList<string> tlsFiles)
    {
        services.AddSingleton(all => new BackupArchive(all.GetRequiredService<DataDirectory>(), tlsFiles, all.GetRequiredService<TimeProvider>()));
        return services;
    }
}

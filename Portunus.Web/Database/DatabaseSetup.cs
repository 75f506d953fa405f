using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Portunus.Web.Database;

/// <summary>The room's door: the store for everybody who reads or writes it.</summary>
internal static class DatabaseSetup
{
    /// <param name="services">The program's.</param>
    /// <param name="directory">Open and locked; it belongs to the program, not to the container.</param>
    public static IServiceCollection AddDatabase(this IServiceCollection services, DataDirectory directory)
    {
        services.AddSingleton(directory);
        services.AddDbContextFactory<PortunusDb>(options =>
        {
            DbStartup.Configure(options, directory.DatabaseFile);
            // Every statement at level information would drown the log; what is slow or fails is told elsewhere.
            options.ConfigureWarnings(warnings => warnings.Log(
                (RelationalEventId.CommandExecuted, LogLevel.Trace),
                (RelationalEventId.CommandError, LogLevel.Debug),
                (CoreEventId.SaveChangesFailed, LogLevel.Debug),
                (CoreEventId.QueryIterationFailed, LogLevel.Debug)));
        });
        services.AddSingleton<WriteLane>();
        return services;
    }
}

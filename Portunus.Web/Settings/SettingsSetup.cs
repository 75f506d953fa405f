namespace Portunus.Web.Settings;

/// <summary>The room's door.</summary>
internal static class SettingsSetup
{
    public static IServiceCollection AddSettings(this IServiceCollection services, SettingsOptions options) =>
        services.AddSingleton(options).AddSingleton<SettingsReader>().AddSingleton<SettingsWriter>();
}

using Portunus.Web.Database;
using Portunus.Web.Options;

namespace Portunus.Web.Maintenance;

/// <summary>A verb that works on the data directory as files: what was asked, where, and where answers go.</summary>
internal sealed record DirectoryRun(CommandLine Asked, string Folder, Func<string, string?> Environment, TextWriter Output, TextWriter Errors)
{
    /// <summary>Certificate and key of the admin listener, as far as they are told; options that are wrong must not stop a backup.</summary>
    public IReadOnlyList<string> TlsFiles()
    {
        var layers = new OptionLayers(new Dictionary<string, string>(StringComparer.Ordinal), Environment);
        layers.AddFile(Path.Combine(Folder, WebOptionsReader.FileName), []);
        return [.. new[] { layers.Find("admin_tls_cert")?.Text, layers.Find("admin_tls_key")?.Text }.OfType<string>()];
    }

    /// <summary>The directory with its lock, where it holds a store; a mistyped one is not made on the way.</summary>
    public DataDirectory OpenDirectory() => File.Exists(DataDirectory.DatabaseFileOf(Folder)) || PendingReplacement.IsDecided(Folder)
        ? DataDirectory.Open(Folder)
        : throw new MaintenanceRefusal($"There is no store in {Folder}.");
}

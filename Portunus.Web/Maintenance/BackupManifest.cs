namespace Portunus.Web.Maintenance;

/// <summary>One file of a backup.</summary>
/// <param name="Name">Its path below the data directory.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Of its content, in lower-case hexadecimal digits.</param>
internal sealed record BackupFile(string Name, long Bytes, string Sha256);

/// <summary>The first entry of the archive: what follows, and where it comes from.</summary>
/// <param name="Program">Version that wrote it.</param>
/// <param name="MadeAt">When.</param>
/// <param name="Schema">The last migration of the store.</param>
/// <param name="Files">All that follow, in order.</param>
internal sealed record BackupManifest(string Program, DateTimeOffset MadeAt, string Schema, IReadOnlyList<BackupFile> Files)
{
    /// <summary>Its name in the archive.</summary>
    public const string EntryName = "manifest.json";

    /// <summary>The store's name in the archive and in the data directory.</summary>
    public const string StoreName = "portunus.db";
}

using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Portunus.Web.Api;
using Portunus.Web.Database;
using Portunus.Web.Options;

namespace Portunus.Web.Maintenance;

/// <summary>
/// Everything that a move to another machine needs, as one gzipped tar archive: the store, server.toml, the keys of the link, and
/// the admin listener's certificate and key where they lie in the data directory.
/// </summary>
internal sealed class BackupArchive(DataDirectory directory, IReadOnlyList<string> tlsFiles, TimeProvider clock)
{
    /// <summary>Keys and options are small; a file that is not has got there by mistake.</summary>
    private const int MaxSmallFile = 4 * 1024 * 1024;

    private static readonly string[] s_folders = ["link", "keys"];

    /// <summary>Writes it while the store is in use.</summary>
    public async Task WriteAsync(Stream to, CancellationToken cancel)
    {
        var scratch = directory.NewScratch();
        try
        {
            var store = Path.Combine(scratch, BackupManifest.StoreName);
            DataDirectory.MakePrivate(store);
            StoreFile.Copy(directory.DatabaseFile, store);
            if (StoreFile.Damage(store) is { } damage)
            {
                throw new MaintenanceRefusal($"The store is damaged, and so would its copy be: {damage}");
            }

            await WriteAsync(to, store, cancel);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private async Task WriteAsync(Stream to, string store, CancellationToken cancel)
    {
        // Small files are read once: what is told of them in the manifest is what follows, even if they change meanwhile.
        var small = SmallFiles().ToDictionary(name => name, name => File.ReadAllBytes(directory.File(name)), StringComparer.Ordinal);
        await using var opened = File.OpenRead(store);
        var files = new List<BackupFile> { new(BackupManifest.StoreName, opened.Length, Convert.ToHexStringLower(await SHA256.HashDataAsync(opened, cancel))) };
        files.AddRange(small.Select(file => new BackupFile(file.Key, file.Value.Length, Convert.ToHexStringLower(SHA256.HashData(file.Value)))));
        opened.Position = 0;
        var now = clock.GetUtcNow();
        var manifest = new BackupManifest(WebVersion.Text, now, StoreFile.Schema(store), files);
        await using var zipped = new GZipStream(to, CompressionLevel.Fastest, leaveOpen: true);
        await using var tar = new TarWriter(zipped, TarEntryFormat.Pax, leaveOpen: true);
        await AddAsync(tar, BackupManifest.EntryName, new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(manifest, ApiJson.Options)), now, cancel);
        await AddAsync(tar, BackupManifest.StoreName, opened, now, cancel);
        foreach (var (name, bytes) in small)
        {
            await AddAsync(tar, name, new MemoryStream(bytes), now, cancel);
        }
    }

    private static Task AddAsync(TarWriter tar, string name, Stream content, DateTimeOffset now, CancellationToken cancel) => tar.WriteEntryAsync(
        new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = content, ModificationTime = now, Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite },
        cancel);

    private IEnumerable<string> SmallFiles()
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var file in tlsFiles.Append(WebOptionsReader.FileName).Select(file => Path.GetFullPath(file, directory.Path)))
        {
            names.Add(Path.GetRelativePath(directory.Path, file));
        }

        foreach (var folder in s_folders.Select(directory.File).Where(Directory.Exists))
        {
            names.UnionWith(Directory.EnumerateFiles(folder).Select(file => Path.GetRelativePath(directory.Path, file)));
        }

        return names.Where(name => BackupReader.IsGoodName(name) && new FileInfo(directory.File(name)) is { Exists: true, Length: <= MaxSmallFile });
    }
}

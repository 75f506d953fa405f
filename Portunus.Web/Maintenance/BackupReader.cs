using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Portunus.Web.Api;
using Portunus.Web.Database;
using Portunus.Web.Options;

namespace Portunus.Web.Maintenance;

/// <summary>Proves a backup file and lays out what is in it. Nothing in the file is believed before its checksum is.</summary>
internal static class BackupReader
{
    private const int MaxManifest = 1024 * 1024;

    /// <summary>Reads all of a file and compares its checksum.</summary>
    /// <exception cref="MaintenanceRefusal">It is no backup, or not as it was written.</exception>
    public static async Task<BackupHeader> ProveAsync(string file, CancellationToken cancel)
    {
        await using var stream = Open(file);
        var first = new byte[BackupHeader.Length];
        var length = await stream.ReadAtLeastAsync(first, first.Length, throwOnEndOfStream: false, cancel);
        var header = BackupHeader.Read(first.AsSpan(0, length));
        if (stream.Length < BackupHeader.Length + BackupHeader.ChecksumLength)
        {
            throw Damaged("it ends too early");
        }

        stream.Position = 0;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[128 * 1024];
        for (var left = stream.Length - BackupHeader.ChecksumLength; left > 0;)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), cancel);
            hash.AppendData(buffer, 0, read);
            left = read == 0 ? throw Damaged("it became shorter") : left - read;
        }

        var told = new byte[BackupHeader.ChecksumLength];
        await stream.ReadExactlyAsync(told, cancel);
        return hash.GetHashAndReset().AsSpan().SequenceEqual(told) ? header : throw Damaged("its checksum does not fit, or it was cut off");
    }

    /// <summary>Lays the files out in a folder, each proved against the manifest.</summary>
    /// <param name="file">Proved.</param>
    /// <param name="header">Its own.</param>
    /// <param name="passphrase">Where it is sealed.</param>
    /// <param name="scratch">For the opened archive.</param>
    /// <param name="folder">Empty; gets the files.</param>
    /// <param name="cancel">Stops it.</param>
    public static async Task<BackupManifest> LayOutAsync(
        string file, BackupHeader header, string? passphrase, string scratch, string folder, CancellationToken cancel)
    {
        var archive = Path.Combine(scratch, "archive");
        DataDirectory.MakePrivate(archive);
        await using (var from = Open(file))
        await using (var to = new FileStream(archive, FileMode.Truncate, FileAccess.Write))
        {
            from.Position = BackupHeader.Length;
            var length = from.Length - BackupHeader.Length - BackupHeader.ChecksumLength;
            if (header.IsSealed)
            {
                using var seal = new Seal(header, passphrase ?? "");
                await seal.OpenAsync(from, length, to, cancel);
            }
            else
            {
                await from.CopyToAsync(to, cancel);
                to.SetLength(length);
            }
        }

        try
        {
            return await ExtractAsync(archive, folder, cancel);
        }
        catch (Exception broken) when (broken is InvalidDataException or EndOfStreamException or JsonException or FormatException)
        {
            throw Damaged(broken.Message);
        }
    }

    /// <summary>Whether a path may be written below a data directory: short, plain, not upwards, and not a name that the program keeps for itself.</summary>
    public static bool IsGoodName(string name)
    {
        var parts = name.Split('/');
        return parts.Length <= 3 && name.Length <= 200 && !PendingReplacement.Reserved.Contains(parts[0])
            && parts.All(part => part.Length > 0 && part[0] != '.' && part.All(one => char.IsAsciiLetterOrDigit(one) || one is '.' or '-' or '_'));
    }

    private static async Task<BackupManifest> ExtractAsync(string archive, string folder, CancellationToken cancel)
    {
        await using var zipped = new GZipStream(File.OpenRead(archive), CompressionMode.Decompress);
        await using var tar = new TarReader(zipped);
        var first = await tar.GetNextEntryAsync(cancellationToken: cancel);
        if (first is not { Name: BackupManifest.EntryName, DataStream: { } text, Length: <= MaxManifest }
            || await JsonSerializer.DeserializeAsync<BackupManifest>(text, ApiJson.Options, cancel) is not { Files: { } files } manifest)
        {
            throw Damaged("it has no list of its files");
        }

        if (files.FirstOrDefault(one => !IsGoodName(one.Name)) is { } bad)
        {
            throw Damaged($"it holds a file that cannot be in a data directory, \"{bad.Name}\"");
        }

        if (!files.Any(one => one.Name == BackupManifest.StoreName) || files.Select(one => one.Name).Distinct(StringComparer.Ordinal).Count() != files.Count)
        {
            throw Damaged("it holds no store, or a file twice");
        }

        foreach (var told in files)
        {
            if (await tar.GetNextEntryAsync(cancellationToken: cancel) is not { EntryType: TarEntryType.RegularFile } entry || entry.Name != told.Name || entry.Length != told.Bytes)
            {
                throw Damaged($"{told.Name} is missing or of another length");
            }

            await LayOutAsync(entry, told, Path.Combine(folder, told.Name), cancel);
        }

        if (await tar.GetNextEntryAsync(cancellationToken: cancel) is not null)
        {
            throw Damaged("it holds more than it tells of");
        }

        // To its end: the sum over all that was unpacked is the last thing in it.
        await zipped.CopyToAsync(Stream.Null, cancel);
        return manifest;
    }

    private static async Task LayOutAsync(TarEntry entry, BackupFile told, string path, CancellationToken cancel)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path) ?? "", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        DataDirectory.MakePrivate(path);
        await using var to = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        await (entry.DataStream ?? Stream.Null).CopyToAsync(to, cancel);
        to.Position = 0;
        if (Convert.ToHexStringLower(await SHA256.HashDataAsync(to, cancel)) != told.Sha256)
        {
            throw Damaged($"{told.Name} is not what was written");
        }
    }

    private static FileStream Open(string file)
    {
        try
        {
            return File.OpenRead(file);
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            throw new MaintenanceRefusal($"The backup cannot be read: {missing.Message}");
        }
    }

    private static MaintenanceRefusal Damaged(string how) => new($"The backup is damaged: {how}.", ExitCode.BadFile);
}

using System.Security.Cryptography;

namespace Portunus.Web.Maintenance;

/// <summary>Writes a backup file around an archive. It is there under its name when it is whole and on the disk, and not before.</summary>
internal static class BackupWriter
{
    /// <param name="archive">As <see cref="BackupArchive"/> writes it.</param>
    /// <param name="file">Must not be there.</param>
    /// <param name="passphrase">Seals it; null leaves it plain.</param>
    /// <param name="cancel">Stops it.</param>
    public static async Task WriteAsync(Stream archive, string file, string? passphrase, CancellationToken cancel)
    {
        var unfinished = $"{file}.{Guid.NewGuid().ToString("N")[..8]}.tmp";
        try
        {
            await using (var to = new FileStream(unfinished, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }))
            {
                await WriteAsync(archive, to, passphrase, cancel);
                to.Flush(flushToDisk: true);
            }

            File.Move(unfinished, file, overwrite: false);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            throw new MaintenanceRefusal($"The backup cannot be written: {broken.Message}");
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    private static async Task WriteAsync(Stream archive, FileStream to, string? passphrase, CancellationToken cancel)
    {
        var header = passphrase is null ? BackupHeader.Plain : BackupHeader.NewSealed();
        await to.WriteAsync(header.ToBytes(), cancel);
        if (passphrase is null)
        {
            await archive.CopyToAsync(to, cancel);
        }
        else
        {
            using var seal = new Seal(header, passphrase);
            await seal.CloseAsync(archive, to, cancel);
        }

        to.Position = 0;
        await to.WriteAsync(await EndAsync(to, cancel), cancel);
    }

    private static async Task<byte[]> EndAsync(FileStream file, CancellationToken cancel)
    {
        var hash = await SHA256.HashDataAsync(file, cancel);
        file.Seek(0, SeekOrigin.End);
        return hash;
    }
}

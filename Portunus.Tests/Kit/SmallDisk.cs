using System.Diagnostics;

namespace Portunus.Tests.Kit;

/// <summary>A real file system of 24 MiB, made in a file and mounted, to be filled to its last block.</summary>
internal sealed class SmallDisk : IDisposable
{
    private static readonly Lazy<string?> s_refusal = new(Try);

    private readonly DataFolder _folder = new();

    public SmallDisk()
    {
        using (var image = System.IO.File.Create(_folder.File("image")))
        {
            image.SetLength(24 * 1024 * 1024);
        }

        Directory.CreateDirectory(Path);
        Run("mkfs.ext4", "-q", "-F", "-m", "0", _folder.File("image"));
        Run("mount", "-o", "loop", _folder.File("image"), Path);
    }

    /// <summary>Why none can be made here; null when one can.</summary>
    public static string? Refusal => s_refusal.Value;

    public string Path => _folder.File("disk");

    /// <summary>Writes a file until nothing fits any more.</summary>
    public void Fill()
    {
        using var file = System.IO.File.Create(System.IO.Path.Combine(Path, "filler"), 1);
        foreach (var size in new[] { 1024 * 1024, 4096, 512 })
        {
            try
            {
                while (true)
                {
                    file.Write(new byte[size]);
                    file.Flush(flushToDisk: true);
                }
            }
            catch (IOException)
            {
                // Full for pieces of this size.
            }
        }
    }

    public void Free() => System.IO.File.Delete(System.IO.Path.Combine(Path, "filler"));

    public void Dispose()
    {
        Run("umount", Path);
        _folder.Dispose();
    }

    private static string? Try()
    {
        try
        {
            using var disk = new SmallDisk();
            return null;
        }
        catch (Exception refused) when (refused is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return $"no small file system can be made here: {refused.Message}";
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true })
            ?? throw new InvalidOperationException($"{program} did not start");
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program}: {errors.Trim()}");
        }
    }
}

/// <summary>A test that fills a disk and is skipped, saying so, where none can be mounted.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute() => Skip = SmallDisk.Refusal;
}

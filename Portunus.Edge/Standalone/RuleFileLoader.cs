using System.Security.Cryptography;
using Portunus.Shared.RuleFiles;

namespace Portunus.Edge.Standalone;

/// <summary>Reads a rule file from disk. What the disk says against it is a problem of the file like any other.</summary>
internal static class RuleFileLoader
{
    /// <summary>The code of a file that cannot be read.</summary>
    public const string Unreadable = "file_unreadable";

    /// <summary>Ten thousand rules with every key are far below; a device or a disk image is not.</summary>
    private const int MostBytes = 16 * 1024 * 1024;

    public static LoadedFile Load(string path)
    {
        byte[] bytes;
        try
        {
            bytes = ReadAll(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return Refused(Reason(path, error));
        }

        return bytes.Length > MostBytes
            ? Refused($"The file is longer than {MostBytes / 1024 / 1024} MiB.")
            : new LoadedFile(WithoutReserved(RuleFileReader.Read(bytes, OutgoingPorts.Read())), Convert.ToHexString(SHA256.HashData(bytes)));
    }

    /// <summary>Drops the warnings about ports that the system keeps free for listeners already.</summary>
    private static RuleFileResult WithoutReserved(RuleFileResult result)
    {
        if (result.File is not { } file || !result.Warnings.Any(IsAboutOutgoing) || OutgoingPorts.ReadReserved() is not { Count: > 0 } reserved)
        {
            return result;
        }

        return result with { Warnings = [.. result.Warnings.Where(warning => !IsAboutOutgoing(warning) || !IsReserved(warning))] };

        bool IsReserved(FileProblem warning)
        {
            var ports = file.Rules.Last(rule => rule.Line <= warning.Line).Rule.ListenPorts;
            return Enumerable.Range(ports.First, ports.Length).All(port => reserved.Any(range => range.Contains(port)));
        }
    }

    private static bool IsAboutOutgoing(FileProblem warning) => warning.Code == "outgoing_ports_overlap";

    private static byte[] ReadAll(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        var all = new MemoryStream();
        var buffer = new byte[65536];
        int read;
        while (all.Length <= MostBytes && (read = file.Read(buffer)) > 0)
        {
            all.Write(buffer, 0, read);
        }

        return all.ToArray();
    }

    private static string Reason(string path, Exception error) => error switch
    {
        FileNotFoundException or DirectoryNotFoundException => "There is no such file.",
        UnauthorizedAccessException when Directory.Exists(path) => "This is a folder, not a file.",
        UnauthorizedAccessException => "The file may not be read by this user.",
        _ => $"The file cannot be read: {error.Message}",
    };

    private static LoadedFile Refused(string text) => new(new RuleFileResult(null, [new FileProblem(Unreadable, "", text, 0, 0)], []), "");
}

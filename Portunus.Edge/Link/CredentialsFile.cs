using System.Text.Json;
using Portunus.Shared.Ids;

namespace Portunus.Edge.Link;

/// <summary>
/// The file with the credentials. It is written beside its place and renamed, so that at every moment either the old or the new one
/// is there whole, and only its owner may read it.
/// </summary>
internal sealed class CredentialsFile(string path)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>More than any credentials take, fewer than somebody could be made to read by mistake.</summary>
    private const int MaxBytes = 64 * 1024;

    public string Path => path;

    public bool Exists => File.Exists(path) || Directory.Exists(path);

    /// <summary>Others than the owner may read it.</summary>
    public bool IsOpenToOthers => (File.GetUnixFileMode(path) & ~(OwnerOnly | UnixFileMode.UserExecute)) != UnixFileMode.None;

    /// <summary>Where the file is when nobody says: <c>portunus/edge.json</c> in <c>$XDG_CONFIG_HOME</c>, else in <c>~/.config</c>.</summary>
    public static string DefaultPlace(Func<string, string?> variable)
    {
        var folder = variable("XDG_CONFIG_HOME") is { Length: > 0 } config
            ? config
            : System.IO.Path.Combine(variable("HOME") is { Length: > 0 } home ? home : "/root", ".config");
        return System.IO.Path.Combine(folder, "portunus", "edge.json");
    }

    /// <summary>The credentials, or a sentence that says what is wrong with the file.</summary>
    public EdgeCredentials? TryRead(out string problem)
    {
        problem = "";
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.Length > MaxBytes)
            {
                problem = $"{path} is too large to be a file with credentials.";
                return null;
            }

            var read = JsonSerializer.Deserialize(stream, CredentialsJson.Default.EdgeCredentials);
            if (read is not null && IsSound(read))
            {
                return read;
            }

            problem = $"{path} does not hold the credentials of an edge.";
        }
        catch (JsonException)
        {
            // Without the parser's words, which may quote what stands there.
            problem = $"{path} does not hold the credentials of an edge.";
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            problem = $"There are no credentials at {path}; make this machine an edge with: portunus-edge enroll LINE.";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problem = $"{path} cannot be read: {error.Message}";
        }

        return null;
    }

    /// <summary>
    /// Makes sure that credentials can be kept here before a code is spent for them: the folder is made, and room beside the place taken.
    /// Throws <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.
    /// </summary>
    public PreparedFile Prepare()
    {
        var named = System.IO.Path.GetFullPath(path);
        // Behind a symbolic link the file itself is replaced, not the link.
        var place = new FileInfo(named).LinkTarget is null ? named : File.ResolveLinkTarget(named, returnFinalTarget: true)?.FullName ?? named;
        var folder = System.IO.Path.GetDirectoryName(place) ?? throw new IOException($"{path} names no file");
        Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        if (Directory.Exists(place))
        {
            throw new IOException("it is a folder");
        }

        return new PreparedFile(place, MaxBytes);
    }

    /// <summary>Puts other credentials in the place of those that are there. Throws as <see cref="Prepare"/>.</summary>
    public void Replace(EdgeCredentials credentials)
    {
        using var prepared = Prepare();
        prepared.Commit(JsonSerializer.SerializeToUtf8Bytes(credentials, CredentialsJson.Default.EdgeCredentials));
    }

    private static bool IsSound(EdgeCredentials read) =>
        read.Host is { Length: > 0 } && read.Port is > 0 and <= 65535 && read.Credential is { Length: > 0 } && read.Name is not null
        && EdgeId.TryParse(read.Edge, out _) && read.Pins is not null && read.ReadPins().Count > 0
        // What goes into a header line must not be able to end it.
        && read.Credential.All(character => character is > ' ' and < (char)127);
}

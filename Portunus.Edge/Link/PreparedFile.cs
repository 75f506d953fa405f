using Portunus.Edge.Native;

namespace Portunus.Edge.Link;

/// <summary>A file beside the place that it will take, with its room on the disk taken already, mode 0600. Left behind by nobody: what is not committed is deleted.</summary>
internal sealed class PreparedFile : IDisposable
{
    private readonly string _place;
    private readonly string _beside;
    private readonly FileStream _stream;
    private bool _isCommitted;

    public PreparedFile(string place, int room)
    {
        _place = place;
        _beside = $"{place}.{Guid.NewGuid():N}";
        _stream = new FileStream(_beside, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.None,
            PreallocationSize = room,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
    }

    /// <summary>Writes the content, has it on the disk, and puts the file into its place. Throws <see cref="IOException"/>.</summary>
    public void Commit(ReadOnlySpan<byte> content)
    {
        _stream.Write(content);
        _stream.SetLength(content.Length);
        _stream.Flush(flushToDisk: true);
        _stream.Dispose();
        File.Move(_beside, _place, overwrite: true);
        _isCommitted = true;
        if (FolderCalls.Flush(Path.GetDirectoryName(_place) ?? "/") is var error and not Errno.None)
        {
            throw new IOException($"its folder cannot be flushed: {error}");
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        if (!_isCommitted)
        {
            File.Delete(_beside);
        }
    }
}

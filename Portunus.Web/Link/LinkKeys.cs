using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Portunus.Shared.Link;
using Portunus.Web.Database;

namespace Portunus.Web.Link;

/// <summary>
/// The key in use and, while a rotation is under way, the next one: files of the data directory's <c>link</c> folder, made at the
/// first start. A file that is there and cannot be read is never replaced: every edge knows this control plane by it alone.
/// </summary>
internal sealed class LinkKeys : IDisposable
{
    public const string CurrentName = "current.pem";
    public const string NextName = "next.pem";

    /// <summary>When the next key takes over at the latest, beside it.</summary>
    private const string UntilName = "next.until";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private readonly Lock _gate = new();
    private readonly string _folder;
    private readonly TimeProvider _clock;
    private Held _held;

    private LinkKeys(string folder, TimeProvider clock, Held held) => (_folder, _clock, _held) = (folder, clock, held);

    /// <summary>What is shown to edges that connect.</summary>
    public X509Certificate2 Certificate => Volatile.Read(ref _held).Current.Certificate;

    /// <summary>Valid pins, the one in use first.</summary>
    public IReadOnlyList<ServerPin> Pins => Volatile.Read(ref _held) is var held && held.Next is { } next ? [held.Current.Pin, next.Pin] : [held.Current.Pin];

    /// <summary>The pin that a rotation will switch to; null without one.</summary>
    public ServerPin? NextPin => Volatile.Read(ref _held).Next?.Pin;

    /// <summary>When it is switched to at the latest; null where that is not known.</summary>
    public DateTimeOffset? NextUntil
    {
        get
        {
            var file = Path.Combine(_folder, UntilName);
            return File.Exists(file) && DateTimeOffset.TryParseExact(File.ReadAllText(file), "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var until) ? until : null;
        }
    }

    /// <summary>Reads the keys of a data directory, or makes the first.</summary>
    /// <exception cref="StartRefusal">A key file cannot be read, or none can be made.</exception>
    public static LinkKeys Open(DataDirectory directory, TimeProvider clock)
    {
        var folder = DataDirectory.LinkFolderOf(directory.Path);
        try
        {
            Directory.CreateDirectory(folder, OwnerOnly);
            Close(folder, OwnerOnly);
            foreach (var left in Directory.EnumerateFiles(folder, "*.tmp"))
            {
                // Begun and never finished: the file it was to become is as it was.
                File.Delete(left);
            }

            var (current, next) = (Path.Combine(folder, CurrentName), Path.Combine(folder, NextName));
            if (!File.Exists(current))
            {
                if (File.Exists(next))
                {
                    throw new StartRefusal($"{next} is there without {current}: restore the folder from a backup, for edges know this control plane by that key.", StartRefusal.Failed);
                }

                Write(folder, CurrentName, LinkKey.NewPem(clock.GetUtcNow()));
            }

            return new LinkKeys(folder, clock, new Held(Read(current), File.Exists(next) ? Read(next) : null));
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusal($"The keys of the link in {folder} cannot be used: {broken.Message}", StartRefusal.Failed);
        }
    }

    /// <summary>Makes the next key, or answers the one that is waiting.</summary>
    public ServerPin Prepare(DateTimeOffset until)
    {
        lock (_gate)
        {
            if (_held.Next is { } waiting)
            {
                return waiting.Pin;
            }

            Write(_folder, UntilName, until.ToString("O", CultureInfo.InvariantCulture));
            Write(_folder, NextName, LinkKey.NewPem(_clock.GetUtcNow()));
            var next = Read(Path.Combine(_folder, NextName));
            Volatile.Write(ref _held, _held with { Next = next });
            return next.Pin;
        }
    }

    /// <summary>The next key becomes the one in use; the old one is gone. Connections that are open stay open.</summary>
    public void Switch()
    {
        lock (_gate)
        {
            if (_held.Next is { } next)
            {
                File.Move(Path.Combine(_folder, NextName), Path.Combine(_folder, CurrentName), overwrite: true);
                Settle(Path.Combine(_folder, CurrentName));
                File.Delete(Path.Combine(_folder, UntilName));
                // Not disposed: handshakes may be under way with it.
                Volatile.Write(ref _held, new Held(next, null));
            }
        }
    }

    public void Dispose()
    {
        _held.Current.Dispose();
        _held.Next?.Dispose();
    }

    private static LinkKey Read(string file)
    {
        Close(file, OwnerFile);
        return LinkKey.TryRead(File.ReadAllText(file), out var key, out var reason)
            ? key
            : throw new StartRefusal($"The key of the link in {file} cannot be read: {reason} Restore it from a backup, for edges know this control plane by it; without one, remove the file and enrol every edge again.", StartRefusal.Failed);
    }

    private static void Write(string folder, string name, string text)
    {
        var (made, file) = (Path.Combine(folder, $"{name}.tmp"), Path.Combine(folder, name));
        File.Delete(made);
        using (var stream = new FileStream(made, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerFile }))
        {
            stream.Write(System.Text.Encoding.ASCII.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }

        File.Move(made, file, overwrite: true);
        Settle(file);
    }

    /// <summary>
    /// After a rename: edges must not be told of a key that a loss of power takes back. Flushing a file takes the change of its name
    /// along on file systems with a journal, and the runtime opens no folder to flush that one instead.
    /// </summary>
    private static void Settle(string file)
    {
        using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(handle);
    }

    private static void Close(string path, UnixFileMode mode)
    {
        if ((File.GetUnixFileMode(path) & Others) != UnixFileMode.None)
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    private sealed record Held(LinkKey Current, LinkKey? Next);
}

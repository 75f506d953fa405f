using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Portunus.Edge.Engine;
using Portunus.Edge.Metering;
using Portunus.Edge.Native;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Link;

/// <summary>
/// The counters of this run of the process, and those that earlier runs have left behind: one file each, named by the boot, until the
/// control plane has the last of it for good. Runs of which it was never told are put together into one file at the next start.
/// </summary>
internal sealed class BootFiles : IDisposable
{
    /// <summary>
    /// Earlier runs that are kept at most. Only runs of which the control plane was told stay by themselves, and it forgets none that it
    /// was told of, so more than these are of one that takes counters and never keeps them.
    /// </summary>
    public const int MostOlderBoots = 64;

    private const int MostDamagedKept = 4;

    private readonly Lock _gate = new();
    private readonly string _folder;
    private readonly ILogger<BootFiles> _log;
    private readonly CounterFile? _file;
    private readonly List<CounterHead> _older;

    private BootFiles(string? folder, List<CounterHead> older, TimeProvider time, ILogger<BootFiles> log)
    {
        _folder = folder ?? "";
        _older = older;
        _log = log;
        _file = folder is null ? null : Begin(time);
        Counted = new CountedRules(new CounterMemory(_file is null ? null : _file.Grow), keepsRetired: true);
    }

    /// <summary>Names this run.</summary>
    public Guid Boot { get; } = Guid.CreateVersion7();

    /// <summary>What the engine is to count in.</summary>
    public CountedRules Counted { get; }

    /// <summary>Whether what is counted now outlives the process.</summary>
    public bool IsOnDisk => _file is not null;

    /// <summary>Earlier runs whose last counters are not known to be kept for good, oldest first.</summary>
    public IReadOnlyList<Guid> OlderBoots
    {
        get
        {
            lock (_gate)
            {
                return [.. _older.Select(head => head.Boot)];
            }
        }
    }

    /// <summary>
    /// Reads what earlier runs have left and begins this one. What cannot be read is set aside and said so; where nothing can be written
    /// this run counts in memory alone.
    /// </summary>
    /// <param name="folder">Of the state directory, whose lock is held; made where it is missing.</param>
    /// <param name="time">When this run began.</param>
    /// <param name="log">For what goes wrong.</param>
    public static BootFiles Open(string folder, TimeProvider time, ILogger<BootFiles> log)
    {
        List<CounterHead> older = [];
        try
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            older = OlderBootFiles.Collect(folder, time, log);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            log.CountersNotRead(folder, refused.Message);
        }

        return new BootFiles(folder, older, time, log);
    }

    /// <summary>A run that counts in memory alone, knows of no earlier one and leaves nothing behind.</summary>
    public static BootFiles Open() => new(null, [], TimeProvider.System, NullLogger<BootFiles>.Instance);

    /// <summary>The last counters of an earlier run, in one batch of any size; null where they cannot be read. From then on they count as told.</summary>
    /// <param name="boot">Which.</param>
    /// <param name="durable">The look up to which the control plane has that run already.</param>
    public SampleBatch? Final(Guid boot, long durable)
    {
        var path = PathOf(_folder, boot);
        try
        {
            if (CounterReading.Read(path, out var problem) is not { } reading)
            {
                _log.CountersSetAside(path, problem);
                SetAside(path);
                Drop(boot);
                return null;
            }

            if (!reading.Head.WasTold)
            {
                OlderBootFiles.MarkTold(path);
            }

            return new SampleBatch
            {
                Boot = boot,
                // Above every look of that run, or it would be taken for an old one.
                Sequence = Math.Max(reading.Head.Sequence, durable) + 1,
                TakenAt = new DateTimeOffset(File.GetLastWriteTimeUtc(path), TimeSpan.Zero),
                IsLast = true,
                IsFinal = true,
                Rules = reading.Rules,
            };
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            _log.CountersNotRead(path, refused.Message);
            return null;
        }
    }

    /// <summary>The last counters of an earlier run are kept for good.</summary>
    public void Forget(Guid boot)
    {
        if (!Drop(boot))
        {
            return;
        }

        try
        {
            File.Delete(PathOf(_folder, boot));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            _log.CountersNotRead(PathOf(_folder, boot), refused.Message);
        }
    }

    /// <summary>Before the look with this number is told to anybody.</summary>
    public void Tell(long sequence) => _file?.Tell(sequence);

    /// <summary>The file stays: this run is an earlier one at the next start.</summary>
    public void Dispose() => _file?.Dispose();

    /// <summary>The file of a boot.</summary>
    public static string PathOf(string folder, Guid boot) => Path.Combine(folder, $"{boot:D}.bin");

    /// <summary>Keeps a file that is not understood, for people, under another name; of several the newest few.</summary>
    public static void SetAside(string path)
    {
        File.Move(path, path + ".damaged", overwrite: true);
        var folder = Path.GetDirectoryName(path) ?? ".";
        foreach (var old in new DirectoryInfo(folder).GetFiles("*.damaged").OrderByDescending(file => file.LastWriteTimeUtc).Skip(MostDamagedKept))
        {
            old.Delete();
        }
    }

    private bool Drop(Guid boot)
    {
        lock (_gate)
        {
            return _older.RemoveAll(head => head.Boot == boot) > 0;
        }
    }

    private CounterFile? Begin(TimeProvider time)
    {
        var path = PathOf(_folder, Boot);
        try
        {
            var head = new CounterHead(Boot, time.GetUtcNow(), CounterFormat.Current, []);
            var file = CounterFile.Create(path, head, error => _log.CountersDoNotGrow(path, error), out var error);
            if (file is null)
            {
                _log.CountersInMemory(path, error.ToString());
            }

            return file;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            _log.CountersInMemory(path, refused.Message);
            return null;
        }
    }
}

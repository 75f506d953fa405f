using Portunus.Edge.Engine;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Link;

/// <summary>The counters of this run of the process, and those that earlier runs have left behind.</summary>
internal sealed class BootFiles
{
    private BootFiles()
    {
    }

    /// <summary>Names this run.</summary>
    public Guid Boot { get; } = Guid.CreateVersion7();

    /// <summary>What the engine is to count in.</summary>
    public CountedRules Counted { get; } = new(keepsRetired: true);

    /// <summary>Earlier runs whose last counters are not known to be kept for good.</summary>
    public IReadOnlyList<Guid> OlderBoots => [];

    /// <summary>Begins this run.</summary>
    public static BootFiles Open() => new();

    /// <summary>The last counters of an earlier run, in one batch of any size; null where they are gone.</summary>
    public SampleBatch? Final(Guid boot) => null;

    /// <summary>The last counters of an earlier run are kept for good.</summary>
    public void Forget(Guid boot)
    {
    }
}

namespace Portunus.Shared.Plans;

/// <summary>
/// Which plan of an edge this is. Numbers count up within an epoch; a control plane whose store was restored or reset begins a
/// new epoch, since its numbers then fall behind those that its edges have seen.
/// </summary>
/// <param name="Epoch">Compared for being the same only; empty where there is no control plane.</param>
/// <param name="Number">1 and up.</param>
public readonly record struct PlanRevision(string Epoch, long Number)
{
    /// <summary>Whether a plan of this revision takes the place of one of <paramref name="other"/>: same epoch and not older, or another epoch.</summary>
    public bool TakesOver(PlanRevision other) => !string.Equals(Epoch, other.Epoch, StringComparison.Ordinal) || Number >= other.Number;

    /// <summary>A revision without an epoch, as a rule file has.</summary>
    public static PlanRevision FromInt64(long number) => new("", number);

    public static implicit operator PlanRevision(long number) => FromInt64(number);

    public override string ToString() => Epoch.Length == 0 ? $"{Number}" : $"{Epoch}/{Number}";
}

namespace Portunus.Soaks.Verdicts;

/// <summary>What a run says at its end.</summary>
/// <param name="Name">Of the run.</param>
/// <param name="Figures">What was done and seen.</param>
/// <param name="Findings">What was wrong; none is ok.</param>
internal sealed record Verdict(string Name, string Figures, Findings Findings)
{
    public bool IsOk => Findings.Count == 0;

    /// <summary>One line, and one more for each finding that was kept.</summary>
    public override string ToString()
    {
        var line = $"{Name}: {(IsOk ? "ok" : "NOT OK")} — {Figures}";
        return IsOk ? line : string.Join("\n  ", [line, $"{Findings.Count} findings, the first of them:", .. Findings.First]);
    }
}

namespace Portunus.Load.Results;

/// <summary>What became of a requirement. <see cref="IsMet"/> is null when this run did not measure it.</summary>
internal sealed record Verdict(Requirement Requirement, string? Against, Spread? Measured, bool? IsMet)
{
    public string Word => IsMet switch { true => "ok", false => "MISSED", null => "not measured" };
}

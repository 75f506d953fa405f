namespace Portunus.Web.Options;

/// <summary>A flag of the command line.</summary>
/// <param name="Name">With its dashes.</param>
/// <param name="Value">What stands for its value in the help; null for a switch.</param>
/// <param name="Summary">One line for people.</param>
internal sealed record FlagSpec(string Name, string? Value, string Summary);

/// <summary>What can be asked of the program.</summary>
/// <param name="Name">One or two words; empty for serving.</param>
/// <param name="Arguments">Names of what must follow, in order.</param>
/// <param name="Flags">Beside those that every verb has.</param>
/// <param name="Summary">One line for people.</param>
internal sealed record VerbSpec(string Name, IReadOnlyList<string> Arguments, IReadOnlyList<FlagSpec> Flags, string Summary)
{
    /// <summary>No verb: serve.</summary>
    public static VerbSpec Serve { get; } = new(
        "",
        [],
        [.. OptionLayers.Keys.Select(key => new FlagSpec(OptionLayers.FlagOf(key.Name), key.Value, key.Summary))],
        "run the control plane");
}

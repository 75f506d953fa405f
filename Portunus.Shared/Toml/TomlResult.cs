namespace Portunus.Shared.Toml;

/// <summary>What reading a TOML text came to.</summary>
/// <param name="Root">Everything that could be read; the whole text where there are no errors.</param>
/// <param name="Errors">By line and column; at most <see cref="TomlReader.MaxErrors"/>.</param>
public sealed record TomlResult(TomlTable Root, IReadOnlyList<TomlError> Errors);

namespace Portunus.Shared.Toml;

/// <summary>One fault of a TOML text.</summary>
/// <param name="Text">One sentence that says what was expected.</param>
/// <param name="Place">Where.</param>
public sealed record TomlError(string Text, TomlPlace Place);

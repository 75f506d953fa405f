namespace Portunus.Shared.Toml;

/// <summary>A place in a TOML text.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in characters (Unicode scalar values); a byte order mark is not counted.</param>
public readonly record struct TomlPlace(int Line, int Column);

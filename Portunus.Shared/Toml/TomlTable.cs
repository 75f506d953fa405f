using System.Diagnostics.CodeAnalysis;

namespace Portunus.Shared.Toml;

/// <summary>A key with its value.</summary>
/// <param name="Key">Unquoted, one part of a dotted key.</param>
/// <param name="KeyPlace">Where the key was first written.</param>
/// <param name="Value">What it stands for.</param>
public sealed record TomlEntry(string Key, TomlPlace KeyPlace, TomlValue Value);

/// <summary>Keys and values, in the order of the text.</summary>
public sealed class TomlTable : TomlValue
{
    private readonly OrderedDictionary<string, TomlEntry> _entries = new(StringComparer.Ordinal);

    internal TomlTable(TomlTableOrigin origin, TomlPlace place)
        : base(place) => Origin = origin;

    /// <summary>A table of nothing, for readers that ask an absent table.</summary>
    public static TomlTable Empty() => new(TomlTableOrigin.Inline, new TomlPlace(1, 1));

    public IReadOnlyCollection<TomlEntry> Entries => _entries.Values;

    /// <summary>False where a line of this table could not be read, so that an absent key may be a lost one.</summary>
    public bool IsWhole { get; internal set; } = true;

    public override string Kind => "a table";

    /// <summary>How it came to be, which decides how it may still grow.</summary>
    internal TomlTableOrigin Origin { get; set; }

    public bool TryGet(string key, [NotNullWhen(true)] out TomlEntry? entry) => _entries.TryGetValue(key, out entry);

    internal void Add(TomlEntry entry) => _entries.Add(entry.Key, entry);
}

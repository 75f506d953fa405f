using Portunus.Shared.Toml;

namespace Portunus.Shared.RuleFiles;

/// <summary>
/// One table of the file: hands out its values by their present names and with their types, keeps where each stands, and
/// tells of keys that nobody knows and of values of the wrong type.
/// </summary>
internal sealed class FileTable
{
    private readonly Dictionary<string, TomlEntry> _entries = [];
    private readonly string _prefix;
    private readonly string _path;
    private readonly FileProblemList _problems;

    /// <summary>A table whose fields the checks name without anything ahead of them.</summary>
    /// <param name="table">What the file says.</param>
    /// <param name="keys">What it may say.</param>
    /// <param name="path">Of the table as the file spells it.</param>
    /// <param name="problems">Where to tell what is wrong.</param>
    public FileTable(TomlTable table, FileKeys keys, string path, FileProblemList problems)
        : this(table, keys, "", path, new FieldPlaces(path, table.Place), problems)
    {
    }

    /// <summary>A table inside another: <paramref name="prefix"/> is what the checks put ahead of its fields, <c>targets[1].</c></summary>
    private FileTable(TomlTable table, FileKeys keys, string prefix, string path, FieldPlaces places, FileProblemList problems)
    {
        (_prefix, _path, Places, _problems) = (prefix, path, places, problems);
        places.IsWhole &= table.IsWhole;
        foreach (var entry in table.Entries)
        {
            var name = keys.OldNames.GetValueOrDefault(entry.Key, entry.Key);
            if (!keys.Names.Contains(name))
            {
                TellUnknown(table, entry, keys);
            }
            else if (!_entries.TryAdd(name, entry))
            {
                problems.Add("key_twice", Spell(entry.Key),
                    $"{entry.Key} is another name of {_entries[name].Key}, which line {_entries[name].KeyPlace.Line} sets already; give one of them.",
                    entry.KeyPlace);
            }
            else
            {
                places.Keep(prefix + name, Spell(entry.Key), entry.Value.Place, name == entry.Key ? null : entry.Key);
            }
        }
    }

    /// <summary>Where everything in it stands.</summary>
    public FieldPlaces Places { get; }

    public string? Text(string name) => Take<TomlString>(name, "a string")?.Value;

    public long? Number(string name) => Take<TomlInteger>(name, "an integer")?.Value;

    public bool? Flag(string name) => Take<TomlBoolean>(name, "true or false")?.Value;

    /// <summary>A list of strings.</summary>
    public IReadOnlyList<string>? Texts(string name) => Take<TomlArray>(name, "an array of strings") is { } array ? TextsOf(name, array) : null;

    /// <summary>A list of strings, or one string for a list of one.</summary>
    public IReadOnlyList<string>? TextOrTexts(string name)
    {
        switch (Take<TomlValue>(name, ""))
        {
            case null:
                return null;
            case TomlString one:
                Places.Keep($"{_prefix}{name}[0]", Spell(_entries[name].Key), one.Place);
                return [one.Value];
            default:
                return Take<TomlArray>(name, "a string or an array of strings") is { } array ? TextsOf(name, array) : null;
        }
    }

    /// <summary>A table in this one, whose fields the checks name with this one's name ahead.</summary>
    public FileTable? Table(string name, FileKeys keys) => RawTable(name) is { } table ? Inside(table, keys, name, Spell(name)) : null;

    /// <summary>A table in this one as the file says it.</summary>
    public TomlTable? RawTable(string name) => Take<TomlTable>(name, "a table");

    /// <summary>An array of tables in this one; null in place of an entry that is no table.</summary>
    public IReadOnlyList<FileTable?>? Tables(string name, FileKeys keys) => RawTables(name, keys)?
        .Select((table, index) => table is null ? null : Inside(table, keys, $"{name}[{index}]", $"{Spell(name)}[{index}]"))
        .ToList();

    /// <summary>An array of tables in this one as the file says them; null in place of an entry that is no table.</summary>
    public IReadOnlyList<TomlTable?>? RawTables(string name, FileKeys keys) => Take<TomlArray>(name, $"an array of tables, as [[{keys.Path}]] makes it")?.Values
        .Select((value, index) => TakeEntry<TomlTable>($"{_prefix}{name}[{index}]", $"{Spell(name)}[{index}]", value, "a table"))
        .ToList();

    private FileTable Inside(TomlTable table, FileKeys keys, string name, string path) =>
        new(table, keys, $"{_prefix}{name}.", path, Places, _problems);

    private List<string> TextsOf(string name, TomlArray array)
    {
        var texts = new List<string>(array.Values.Count);
        for (var i = 0; i < array.Values.Count; i++)
        {
            // A placeholder keeps the numbers of the others right; nobody is told of it, because its field is lost.
            texts.Add(TakeEntry<TomlString>($"{_prefix}{name}[{i}]", $"{Spell(name)}[{i}]", array.Values[i], "a string")?.Value ?? "");
        }

        return texts;
    }

    private T? Take<T>(string name, string expected)
        where T : TomlValue
    {
        if (!_entries.TryGetValue(name, out var entry))
        {
            return null;
        }

        return entry.Value as T ?? Refuse<T>(_prefix + name, Spell(entry.Key), entry.Key, entry.Value, expected);
    }

    private T? TakeEntry<T>(string field, string path, TomlValue value, string expected)
        where T : TomlValue
    {
        Places.Keep(field, path, value.Place);
        return value as T ?? Refuse<T>(field, path, path, value, expected);
    }

    private T? Refuse<T>(string field, string path, string called, TomlValue value, string expected)
        where T : TomlValue
    {
        Places.Lose(field);
        _problems.Add("wrong_type", path, $"{called} must be {expected}; this is {value.Kind}.", value.Place);
        return null;
    }

    private void TellUnknown(TomlTable table, TomlEntry entry, FileKeys keys)
    {
        var path = Spell(entry.Key);
        if (keys.NotInFiles.TryGetValue(entry.Key, out var reason))
        {
            _problems.Add("not_in_file", path, $"{entry.Key} cannot be set in a rule file: {reason}.", entry.KeyPlace);
            return;
        }

        var hint = "";
        if (!_problems.IsFull && RuleFileKeys.MeantBy(entry.Key, keys, out hint) is { } meant && !table.TryGet(meant, out _))
        {
            // What was meant is not missing; it is misspelt, and that is told here.
            Places.Lose(_prefix + keys.OldNames.GetValueOrDefault(meant, meant));
        }

        _problems.Add("unknown_key", path, $"{TomlText.Quoted(entry.Key)} is not a key of {keys.Title}{hint}", entry.KeyPlace);
    }

    private string Spell(string key)
    {
        var isBare = key.Length > 0 && key.All(one => char.IsAsciiLetterOrDigit(one) || one is '_' or '-');
        var shown = isBare && key.Length <= 60 ? key : TomlText.Quoted(key);
        return _path.Length == 0 ? shown : $"{_path}.{shown}";
    }
}

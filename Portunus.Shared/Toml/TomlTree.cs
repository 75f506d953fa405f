namespace Portunus.Shared.Toml;

/// <summary>Where keys and headers may put what: a table is defined once, and only some may grow afterwards.</summary>
internal sealed class TomlTree(TomlTable root, TomlScanner scanner)
{
    /// <summary>The table of <c>[key]</c>; null after an error.</summary>
    public TomlTable? Open(IReadOnlyList<TomlKeyPart> key, TomlPlace place)
    {
        if (DescendByHeader(key) is not { } parent)
        {
            return null;
        }

        var last = key[^1];
        if (!parent.TryGet(last.Name, out var entry))
        {
            return AddTable(parent, last, TomlTableOrigin.Header, place);
        }

        if (entry.Value is TomlTable { Origin: TomlTableOrigin.Implied } implied)
        {
            implied.Origin = TomlTableOrigin.Header;
            implied.Place = place;
            return implied;
        }

        Refuse(last, entry);
        return null;
    }

    /// <summary>The new table of <c>[[key]]</c>; null after an error.</summary>
    public TomlTable? Append(IReadOnlyList<TomlKeyPart> key, TomlPlace place)
    {
        if (DescendByHeader(key) is not { } parent)
        {
            return null;
        }

        var last = key[^1];
        var table = new TomlTable(TomlTableOrigin.Header, place);
        if (!parent.TryGet(last.Name, out var entry))
        {
            parent.Add(new TomlEntry(last.Name, last.Place, new TomlArray([table], isOfTables: true, place)));
            return table;
        }

        if (entry.Value is TomlArray { IsOfTables: true } tables)
        {
            tables.Add(table);
            return table;
        }

        Refuse(last, entry);
        return null;
    }

    /// <summary>Puts <c>key = value</c> into a table; false after an error.</summary>
    public bool Assign(TomlTable table, IReadOnlyList<TomlKeyPart> key, TomlValue value)
    {
        for (var i = 0; i < key.Count - 1; i++)
        {
            if (!table.TryGet(key[i].Name, out var entry))
            {
                table = AddTable(table, key[i], TomlTableOrigin.Dotted, key[i].Place);
            }
            else if (entry.Value is TomlTable { Origin: TomlTableOrigin.Implied or TomlTableOrigin.Dotted } open)
            {
                open.Origin = TomlTableOrigin.Dotted;
                table = open;
            }
            else
            {
                return Refuse(key[i], entry);
            }
        }

        var last = key[^1];
        if (table.TryGet(last.Name, out var taken))
        {
            return Refuse(last, taken);
        }

        table.Add(new TomlEntry(last.Name, last.Place, value));
        return true;
    }

    private TomlTable? DescendByHeader(IReadOnlyList<TomlKeyPart> key)
    {
        var table = root;
        for (var i = 0; i < key.Count - 1; i++)
        {
            if (!table.TryGet(key[i].Name, out var entry))
            {
                table = AddTable(table, key[i], TomlTableOrigin.Implied, key[i].Place);
                continue;
            }

            switch (entry.Value)
            {
                case TomlTable { Origin: not TomlTableOrigin.Inline } below:
                    table = below;
                    break;
                case TomlArray { IsOfTables: true, Values: [.., TomlTable newest] }:
                    table = newest;
                    break;
                default:
                    Refuse(key[i], entry);
                    return null;
            }
        }

        return table;
    }

    private static TomlTable AddTable(TomlTable parent, TomlKeyPart part, TomlTableOrigin origin, TomlPlace place)
    {
        var table = new TomlTable(origin, place);
        parent.Add(new TomlEntry(part.Name, part.Place, table));
        return table;
    }

    private bool Refuse(TomlKeyPart part, TomlEntry taken) => scanner.Fail(
        $"Expected a new key; {TomlText.Quoted(part.Name)} is already {taken.Value.Kind} since line {taken.KeyPlace.Line} and cannot be defined again or added to here.",
        part.Place);
}

namespace Portunus.Shared.Toml;

/// <summary>
/// Reads TOML 1.0 (https://toml.io/en/v1.0.0) and keeps the line and column of every key and value. An error does not
/// end the reading: it goes on at the next line, so that one look shows what is wrong with a file.
/// </summary>
public sealed class TomlReader
{
    /// <summary>How deep arrays and inline tables may nest, and how many parts a key may have.</summary>
    public const int MaxDepth = 100;

    /// <summary>After so many errors the reading ends; the text is then hardly TOML at all.</summary>
    public const int MaxErrors = 50;

    private readonly List<TomlError> _errors = [];
    private readonly TomlScanner _scanner;
    private readonly TomlTable _root = new(TomlTableOrigin.Header, new TomlPlace(1, 1));
    private readonly TomlTree _tree;
    private TomlTable _current;
    private bool _isLostInArray;

    private TomlReader(string text)
    {
        _scanner = new TomlScanner(text, _errors);
        _tree = new TomlTree(_root, _scanner);
        _current = _root;
    }

    /// <summary>Reads a whole text, UTF-8 with or without a byte order mark. Never throws for what is in it.</summary>
    public static TomlResult Read(ReadOnlySpan<byte> utf8)
    {
        if (!TomlDecoder.TryDecode(utf8, out var text, out var error))
        {
            return new TomlResult(new TomlTable(TomlTableOrigin.Header, new TomlPlace(1, 1)) { IsWhole = false }, [error]);
        }

        var reader = new TomlReader(text);
        reader.ReadDocument();
        return new TomlResult(reader._root, [.. reader._errors.OrderBy(one => one.Place.Line).ThenBy(one => one.Place.Column)]);
    }

    private void ReadDocument()
    {
        while (_errors.Count < MaxErrors)
        {
            if (!_scanner.SkipBlankLines())
            {
                _scanner.SkipLine();
                continue;
            }

            if (_scanner.Peek() == TomlScanner.End)
            {
                return;
            }

            var isRead = _scanner.Peek() == '[' ? ReadHeader() : ReadPair(_current, 0);
            if (isRead && _scanner.EndLine())
            {
                continue;
            }

            _current.IsWhole = false;
            if (_isLostInArray)
            {
                _isLostInArray = false;
                _scanner.SkipToStatement();
            }
            else
            {
                _scanner.SkipLine();
            }
        }

        _current.IsWhole = false;
        _root.IsWhole = false;
    }

    private bool ReadHeader()
    {
        var place = _scanner.Place;
        _scanner.Skip();
        var isArray = _scanner.TryTake('[');
        var closing = isArray ? "]]" : "]";
        // What follows a header that cannot be read or placed belongs to nobody.
        _current = new TomlTable(TomlTableOrigin.Header, place);
        if (ReadKey() is not { } key)
        {
            _root.IsWhole = false;
            return false;
        }

        if (!_scanner.TryTake(']') || (isArray && !_scanner.TryTake(']')))
        {
            _root.IsWhole = false;
            return _scanner.Fail($"Expected {closing} to close the header; found {_scanner.Found()}.");
        }

        if ((isArray ? _tree.Append(key, place) : _tree.Open(key, place)) is { } opened)
        {
            _current = opened;
        }

        return true;
    }

    /// <summary><c>key = value</c>; false after a syntax error, from where the rest of the line means nothing.</summary>
    private bool ReadPair(TomlTable table, int depth)
    {
        if (ReadKey() is not { } key)
        {
            return false;
        }

        if (!_scanner.TryTake('='))
        {
            return _scanner.Fail($"Expected = after the key {TomlText.Quoted(key[^1].Name)}; found {_scanner.Found()}.");
        }

        _scanner.SkipBlanks();
        if (ReadValue(depth) is not { } value)
        {
            return false;
        }

        _tree.Assign(table, key, value);
        return true;
    }

    private List<TomlKeyPart>? ReadKey()
    {
        var parts = new List<TomlKeyPart>();
        do
        {
            _scanner.SkipBlanks();
            var place = _scanner.Place;
            var isQuoted = _scanner.Peek() is '"' or '\'';
            var name = isQuoted ? TomlStrings.ReadLine(_scanner) : _scanner.TakeWord("_-");
            if (name is null)
            {
                return null;
            }

            if (name.Length == 0 && !isQuoted)
            {
                _scanner.Fail($"Expected a key of letters, digits, _ and -, or one in quotes; found {_scanner.Found()}.");
                return null;
            }

            if (parts.Count == MaxDepth)
            {
                _scanner.Fail($"Expected a key of at most {MaxDepth} parts.", place);
                return null;
            }

            parts.Add(new TomlKeyPart(name, place));
            _scanner.SkipBlanks();
        }
        while (_scanner.TryTake('.'));
        return parts;
    }

    private TomlValue? ReadValue(int depth)
    {
        var place = _scanner.Place;
        switch (_scanner.Peek())
        {
            case '"' or '\'':
                return TomlStrings.Read(_scanner) is { } text ? new TomlString(text, place) : null;
            case '[' or '{' when depth == MaxDepth:
                _isLostInArray = true;
                _scanner.Fail($"Expected at most {MaxDepth} arrays and tables inside one another.");
                return null;
            case '[':
                return ReadArray(depth + 1, place);
            case '{':
                return ReadInlineTable(depth + 1, place);
        }

        var word = _scanner.TakeWord(TomlScalars.Signs);
        if (word.Length == 0)
        {
            _scanner.Fail($"Expected a value; found {_scanner.Found()}.");
            return null;
        }

        if (TomlDates.IsDate(word) && _scanner.Peek() == ' ' && _scanner.Peek(1) is >= '0' and <= '9')
        {
            _scanner.Skip();
            word += " " + _scanner.TakeWord(TomlScalars.Signs);
        }

        var value = TomlScalars.Read(word, place, out var fault);
        if (value is null)
        {
            _scanner.Fail(fault, place);
        }

        return value;
    }

    private TomlArray? ReadArray(int depth, TomlPlace place)
    {
        _scanner.Skip();
        var values = new List<TomlValue>();
        while (_scanner.SkipBlankLines())
        {
            if (_scanner.TryTake(']'))
            {
                return new TomlArray(values, isOfTables: false, place);
            }

            if (ReadValue(depth) is not { } value || !_scanner.SkipBlankLines())
            {
                break;
            }

            values.Add(value);
            if (!_scanner.TryTake(',') && _scanner.Peek() != ']')
            {
                _scanner.Fail($"Expected a comma or ] after a value of the array; found {_scanner.Found()}.");
                break;
            }
        }

        _isLostInArray = true;
        return null;
    }

    private TomlTable? ReadInlineTable(int depth, TomlPlace place)
    {
        _scanner.Skip();
        var table = new TomlTable(TomlTableOrigin.Inline, place);
        _scanner.SkipBlanks();
        if (_scanner.TryTake('}'))
        {
            return table;
        }

        do
        {
            if (!ReadPair(table, depth))
            {
                return null;
            }

            _scanner.SkipBlanks();
        }
        while (_scanner.TryTake(','));

        if (!_scanner.TryTake('}'))
        {
            _scanner.Fail($"Expected a comma or }} after a value of the inline table, on the same line; found {_scanner.Found()}.");
            return null;
        }

        return table;
    }
}

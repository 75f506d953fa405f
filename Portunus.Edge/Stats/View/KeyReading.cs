namespace Portunus.Edge.Stats.View;

/// <summary>
/// Turns what a terminal sends into keys (ECMA-48 and what xterm made of it). A sequence may come in pieces; the escape key
/// itself is one that nothing follows, which only time can tell.
/// </summary>
internal sealed class KeyReading
{
    private const byte Escape = 0x1B;
    private const int MostSequence = 16;

    private readonly List<byte> _pending = [];

    /// <summary>Keys that are complete.</summary>
    public IReadOnlyList<ViewKey> Feed(ReadOnlySpan<byte> bytes)
    {
        var keys = new List<ViewKey>();
        foreach (var one in bytes)
        {
            if (_pending.Count == 0 && one != Escape)
            {
                AddPlain(keys, one);
                continue;
            }

            if (_pending.Count > 0 && one == Escape)
            {
                keys.AddRange(Rest());
            }

            _pending.Add(one);
            if (IsWhole())
            {
                AddSequence(keys);
            }
        }

        return keys;
    }

    /// <summary>Nothing more has come for a while: an escape that waits was the key.</summary>
    public IReadOnlyList<ViewKey> Rest()
    {
        ViewKey[] keys = _pending.Count == 1 ? [new ViewKey(KeyName.Escape)] : [];
        _pending.Clear();
        return keys;
    }

    private bool IsWhole()
    {
        if (_pending.Count < 2)
        {
            return false;
        }

        if (_pending[1] is not ((byte)'[' or (byte)'O'))
        {
            return true;
        }

        return _pending.Count >= MostSequence || (_pending.Count > 2 && _pending[^1] is >= 0x40 and <= 0x7E);
    }

    private void AddSequence(List<ViewKey> keys)
    {
        var name = _pending[^1] switch
        {
            (byte)'A' => KeyName.Up,
            (byte)'B' => KeyName.Down,
            (byte)'C' => KeyName.Right,
            (byte)'D' => KeyName.Left,
            (byte)'H' => KeyName.Home,
            (byte)'F' => KeyName.End,
            (byte)'Z' => KeyName.BackTab,
            (byte)'~' => NumberedKey(),
            _ => KeyName.Character,
        };
        if (_pending[1] is (byte)'[' or (byte)'O' && name != KeyName.Character)
        {
            keys.Add(new ViewKey(name));
        }

        _pending.Clear();
    }

    /// <summary>The editing keys: a number, perhaps modifiers after a semicolon, and a tilde.</summary>
    private KeyName NumberedKey()
    {
        var number = 0;
        foreach (var one in _pending.Skip(2).TakeWhile(one => one is >= (byte)'0' and <= (byte)'9'))
        {
            number = (number * 10) + one - '0';
        }

        return number switch
        {
            1 or 7 => KeyName.Home,
            4 or 8 => KeyName.End,
            5 => KeyName.PageUp,
            6 => KeyName.PageDown,
            _ => KeyName.Character,
        };
    }

    private static void AddPlain(List<ViewKey> keys, byte one)
    {
        switch (one)
        {
            case 0x03:
                keys.Add(new ViewKey(KeyName.Interrupt));
                break;
            case (byte)'\t':
                keys.Add(new ViewKey(KeyName.Tab));
                break;
            case (byte)'\r' or (byte)'\n':
                keys.Add(new ViewKey(KeyName.Enter));
                break;
            case 0x7F or 0x08:
                keys.Add(new ViewKey(KeyName.Backspace));
                break;
            case >= 0x20 and < 0x7F:
                keys.Add(new ViewKey(KeyName.Character, (char)one));
                break;
        }
    }
}

namespace Portunus.Edge.Stats.View;

/// <summary>A key that is not a character.</summary>
internal enum KeyName
{
    Character,
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    Home,
    End,
    Enter,
    Escape,
    Tab,
    BackTab,
    Backspace,
    Interrupt,
}

/// <summary>One key press.</summary>
internal readonly record struct ViewKey(KeyName Name, char Character = '\0');

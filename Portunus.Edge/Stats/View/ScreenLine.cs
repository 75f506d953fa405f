using System.Text;

namespace Portunus.Edge.Stats.View;

/// <summary>One line of the screen. Every piece is cleaned on its way in, so nothing on a line can act on the terminal.</summary>
internal sealed class ScreenLine
{
    private readonly List<(string Text, Ink Ink)> _pieces = [];

    /// <summary>Cells taken.</summary>
    public int Width { get; private set; }

    public ScreenLine Add(string text, Ink ink = Ink.Plain)
    {
        var clean = CellText.Clean(text);
        _pieces.Add((clean, ink));
        Width += CellText.Width(clean);
        return this;
    }

    /// <summary>A column: exactly <paramref name="width"/> cells and one space after them.</summary>
    public ScreenLine Column(string text, int width, Ink ink = Ink.Plain, bool right = false) =>
        Add(CellText.Fit(CellText.Clean(text), width, right) + " ", ink);

    /// <summary>What people read of it, at most <paramref name="width"/> cells.</summary>
    public string ToText(int width)
    {
        var text = string.Concat(_pieces.Select(piece => piece.Text));
        return Width > width ? CellText.Fit(text, width) : text;
    }

    /// <summary>As <see cref="ToText"/>, with the codes of ECMA-48 for colours, where wanted.</summary>
    public string ToTerminal(int width, bool colour)
    {
        if (!colour)
        {
            return ToText(width);
        }

        var line = new StringBuilder();
        var left = width;
        foreach (var (text, ink) in _pieces)
        {
            var cells = CellText.Width(text);
            var shown = cells > left ? CellText.Fit(text, left) : text;
            line.Append(Code(ink)).Append(shown).Append(ink == Ink.Plain ? "" : "\u001b[0m");
            left -= Math.Min(cells, left);
        }

        return line.ToString();
    }

    private static string Code(Ink ink) => ink switch
    {
        Ink.Dim => "\u001b[2m",
        Ink.Strong => "\u001b[1m",
        Ink.Good => "\u001b[32m",
        Ink.Warn => "\u001b[33m",
        Ink.Bad => "\u001b[31m",
        Ink.Chosen => "\u001b[7m",
        _ => "",
    };
}

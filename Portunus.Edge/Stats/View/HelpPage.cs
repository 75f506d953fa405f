namespace Portunus.Edge.Stats.View;

/// <summary>The keys.</summary>
internal static class HelpPage
{
    private static readonly (string Keys, string Meaning)[] s_keys =
    [
        ("q, Ctrl-C", "quit"),
        ("up, down, k, j", "choose a rule, or move a page that is longer than the screen"),
        ("page up, page down, home, end", "the same in longer steps"),
        ("enter", "everything about the chosen rule"),
        ("tab, right, l", "next page: rules, detail, errors"),
        ("shift-tab, left, h", "previous page"),
        ("esc", "back to the rules; there: forget the filter"),
        ("e", "errors: refused rules, targets down, flows that failed"),
        ("s, r", "order: plan, rate, total, name, flows; reversed"),
        ("/", "show only rules whose name or address holds a text"),
        ("c", "count totals from now; again: from the start of the edge"),
        ("p, space", "pause"),
        ("?", "this page"),
    ];

    public static (IReadOnlyList<ScreenLine> Fixed, IReadOnlyList<ScreenLine> Body) Draw() =>
        ([], [.. s_keys.Select(key => new ScreenLine().Column(key.Keys, 30, Ink.Strong).Add(key.Meaning))]);
}

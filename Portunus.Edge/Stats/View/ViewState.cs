namespace Portunus.Edge.Stats.View;

/// <summary>What the keys have made of the screen. A value: each key gives the next one. Pure.</summary>
internal sealed record ViewState
{
    private const int PageRows = 10;

    public ViewPage Page { get; init; }

    /// <summary>Id of the chosen rule; empty before the first choice, which is the first rule.</summary>
    public string Chosen { get; init; } = "";

    /// <summary>Lines that the page has been moved up by.</summary>
    public int Scroll { get; init; }

    public ViewOrder Order { get; init; }

    public bool IsReversed { get; init; }

    public bool IsPaused { get; init; }

    /// <summary>Only rules whose name or address holds this, whatever the case.</summary>
    public string Filter { get; init; } = "";

    /// <summary>Keys go into the filter.</summary>
    public bool IsTyping { get; init; }

    public bool IsDone { get; init; }

    /// <summary>Totals are shown since this snapshot; null: since the edge started.</summary>
    public ViewSnapshot? Since { get; init; }

    /// <summary>The rules that the overview shows, in its order.</summary>
    public IReadOnlyList<ViewRule> Rules(ViewSnapshot snapshot)
    {
        var shown = snapshot.Rules.Where(rule =>
            rule.Name.Contains(Filter, StringComparison.OrdinalIgnoreCase) || rule.Listen.Contains(Filter, StringComparison.OrdinalIgnoreCase));
        shown = Order switch
        {
            ViewOrder.Rate => shown.OrderByDescending(rule => rule.RateIn + rule.RateOut),
            ViewOrder.Total => shown.OrderByDescending(rule => rule.Traffic.BytesIn + rule.Traffic.BytesOut),
            ViewOrder.Name => shown.OrderBy(rule => rule.Name, StringComparer.OrdinalIgnoreCase),
            ViewOrder.Flows => shown.OrderByDescending(rule => rule.Traffic.FlowsActive),
            _ => shown,
        };
        return IsReversed ? [.. shown.Reverse()] : [.. shown];
    }

    /// <summary>The chosen rule, or the first where it has gone; null without rules.</summary>
    public ViewRule? ChosenRule(ViewSnapshot snapshot)
    {
        var rules = Rules(snapshot);
        return rules.FirstOrDefault(rule => rule.Id == Chosen) ?? (rules.Count > 0 ? rules[0] : null);
    }

    /// <summary>The state after a key.</summary>
    public ViewState Press(ViewKey key, ViewSnapshot snapshot)
    {
        if (key.Name == KeyName.Interrupt)
        {
            return this with { IsDone = true };
        }

        if (IsTyping)
        {
            return Type(key);
        }

        return key switch
        {
            { Name: KeyName.Up } or { Character: 'k' } => Move(-1, snapshot),
            { Name: KeyName.Down } or { Character: 'j' } => Move(1, snapshot),
            { Name: KeyName.PageUp } => Move(-PageRows, snapshot),
            { Name: KeyName.PageDown } => Move(PageRows, snapshot),
            { Name: KeyName.Home } => Move(-snapshot.Rules.Count - Scroll, snapshot),
            { Name: KeyName.End } => Move(snapshot.Rules.Count, snapshot),
            { Name: KeyName.Enter } => Page == ViewPage.Overview ? Open(ViewPage.Detail, snapshot) : this,
            { Name: KeyName.Escape } or { Name: KeyName.Backspace } => Back(snapshot),
            { Name: KeyName.Tab } or { Name: KeyName.Right } or { Character: 'l' } => Turn(1, snapshot),
            { Name: KeyName.BackTab } or { Name: KeyName.Left } or { Character: 'h' } => Turn(-1, snapshot),
            { Name: KeyName.Character } => Press(key.Character, snapshot),
            _ => this,
        };
    }

    private ViewState Press(char key, ViewSnapshot snapshot) => key switch
    {
        'q' => this with { IsDone = true },
        '?' => Open(Page == ViewPage.Help ? ViewPage.Overview : ViewPage.Help, snapshot),
        'e' => Open(Page == ViewPage.Errors ? ViewPage.Overview : ViewPage.Errors, snapshot),
        'p' or ' ' => this with { IsPaused = !IsPaused },
        's' => this with { Order = (ViewOrder)(((int)Order + 1) % 5) },
        'r' => this with { IsReversed = !IsReversed },
        'c' => this with { Since = Since is null ? snapshot : null },
        '/' => this with { Page = ViewPage.Overview, IsTyping = true, Filter = "", Scroll = 0 },
        _ => this,
    };

    private ViewState Type(ViewKey key) => key.Name switch
    {
        KeyName.Character when Filter.Length < 64 => this with { Filter = Filter + key.Character },
        KeyName.Backspace when Filter.Length > 0 => this with { Filter = Filter[..^1] },
        KeyName.Enter => this with { IsTyping = false },
        KeyName.Escape => this with { IsTyping = false, Filter = "" },
        _ => this,
    };

    private ViewState Back(ViewSnapshot snapshot) =>
        Page == ViewPage.Overview ? this with { Filter = "" } : Open(ViewPage.Overview, snapshot);

    private ViewState Turn(int by, ViewSnapshot snapshot) =>
        Page == ViewPage.Help ? this : Open((ViewPage)(((int)Page + by + 3) % 3), snapshot);

    private ViewState Open(ViewPage page, ViewSnapshot snapshot) =>
        this with { Page = page, Scroll = 0, Chosen = ChosenRule(snapshot)?.Id ?? "" };

    private ViewState Move(int by, ViewSnapshot snapshot)
    {
        if (Page != ViewPage.Overview)
        {
            return this with { Scroll = Math.Max(0, Scroll + by) };
        }

        var rules = Rules(snapshot);
        var at = ChosenRule(snapshot) is { } chosen ? rules.TakeWhile(rule => rule.Id != chosen.Id).Count() : 0;
        return rules.Count == 0 ? this : this with { Chosen = rules[Math.Clamp(at + by, 0, rules.Count - 1)].Id };
    }
}

namespace Portunus.Edge.Stats.View;

/// <summary>A scene as lines: a head, the page between, a foot. Pure.</summary>
/// <param name="Lines">At most as many as the screen is high; each still to be cut to its width.</param>
/// <param name="Scroll">How far the page could be moved of what was asked.</param>
internal sealed record Picture(IReadOnlyList<ScreenLine> Lines, int Scroll)
{
    /// <summary>The smallest screen that a page fits in.</summary>
    public const int LeastWidth = 60;
    public const int LeastHeight = 10;

    private const int FrameRows = 3;

    /// <summary>Draws a scene.</summary>
    public static Picture Draw(ViewScene scene)
    {
        if (scene.Width < LeastWidth || scene.Height < LeastHeight)
        {
            return new Picture([new ScreenLine().Add($"The screen is too small: {LeastWidth} x {LeastHeight} at least.", Ink.Warn)], scene.State.Scroll);
        }

        var rows = scene.Height - FrameRows;
        var (fixedRows, body) = scene.State.Page switch
        {
            ViewPage.Detail => DetailPage.Draw(scene, rows),
            ViewPage.Errors => ErrorsPage.Draw(scene),
            ViewPage.Help => HelpPage.Draw(),
            _ => OverviewPage.Draw(scene, rows),
        };
        var room = Math.Max(0, rows - fixedRows.Count);
        var skip = Math.Clamp(scene.State.Scroll, 0, Math.Max(0, body.Count - room));
        List<ScreenLine> lines = [Head(scene), .. fixedRows, .. body.Skip(skip).Take(room)];
        while (lines.Count < scene.Height - FrameRows + 1)
        {
            lines.Add(new ScreenLine());
        }

        lines.Add(Totals(scene));
        lines.Add(Foot(scene.State));
        return new Picture(lines, skip);
    }

    private static ScreenLine Head(ViewScene scene)
    {
        var snapshot = scene.Snapshot;
        var line = new ScreenLine().Add($"portunus-edge {snapshot.Version}", Ink.Strong);
        if (scene.LostFor is { } lost)
        {
            return line.Add($"  the edge is gone for {UnitText.Span(lost)}; it is looked for again", Ink.Bad);
        }

        line.Add($"  up {UnitText.Span(snapshot.Uptime)}  {snapshot.Loops} loops  {UnitText.Bytes(snapshot.ResidentBytes)}");
        var tight = snapshot.DescriptorLimit is { } limit && snapshot.OpenDescriptors > limit * 0.8;
        line.Add($"  fds {snapshot.OpenDescriptors}{(snapshot.DescriptorLimit is { } most ? $"/{most}" : "")}", tight ? Ink.Bad : Ink.Plain);
        return scene.State.IsPaused ? line.Add("  paused", Ink.Warn) : line;
    }

    private static ScreenLine Totals(ViewScene scene)
    {
        var rules = scene.Snapshot.Rules;
        var line = new ScreenLine().Add(
            $"{rules.Count} rules  {scene.Snapshot.FlowsActive} flows  in {UnitText.Rate(rules.Sum(rule => rule.RateIn))}  out {UnitText.Rate(rules.Sum(rule => rule.RateOut))}",
            Ink.Strong);
        var refused = rules.Count(rule => rule.State == "refused");
        if (refused > 0)
        {
            line.Add($"  {refused} refused", Ink.Bad);
        }

        var failing = rules.Count(rule => rule.Forwarding == "failing");
        return failing > 0 ? line.Add($"  {failing} failing", Ink.Bad) : line;
    }

    private static ScreenLine Foot(ViewState state)
    {
        if (state.IsTyping)
        {
            return new ScreenLine().Add($"filter: {state.Filter}_", Ink.Strong);
        }

        var line = new ScreenLine().Add("q quit  arrows move  enter detail  e errors  s sort  / filter  p pause  ? help", Ink.Dim);
        return state.Filter.Length > 0 ? line.Add($"  filter: {state.Filter}", Ink.Warn) : line;
    }
}

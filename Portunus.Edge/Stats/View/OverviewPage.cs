namespace Portunus.Edge.Stats.View;

/// <summary>One line a rule. What it listens on and whether it forwards are two columns: either can be wrong alone.</summary>
internal static class OverviewPage
{
    private const int StateWidth = 9;
    private const int ForwardingWidth = 7;
    private const int FlowsWidth = 5;
    private const int RateWidth = 8;
    private const int TotalWidth = 7;
    private const int DroppedWidth = 7;
    private const int LeastSpark = 8;
    private const int MostSpark = 60;

    public static (IReadOnlyList<ScreenLine> Fixed, IReadOnlyList<ScreenLine> Body) Draw(ViewScene scene, int rows)
    {
        var columns = Columns.For(scene.Width);
        var rules = scene.State.Rules(scene.Snapshot);
        var chosen = scene.State.ChosenRule(scene.Snapshot);
        var lines = rules.Select(rule => Row(scene, columns, rule, rule.Id == chosen?.Id)).ToList();
        if (lines.Count == 0)
        {
            lines.Add(new ScreenLine().Add(scene.Snapshot.Rules.Count == 0 ? "No rules." : "No rule fits the filter.", Ink.Dim));
        }

        // The chosen line stays in sight whatever the order has become.
        var room = rows - 1;
        var at = rules.TakeWhile(rule => rule.Id != chosen?.Id).Count();
        var skip = Math.Clamp(at - (room / 2), 0, Math.Max(0, lines.Count - room));
        return ([Header(scene.State, columns)], [.. lines.Skip(skip)]);
    }

    private static ScreenLine Header(ViewState state, Columns columns)
    {
        var line = new ScreenLine()
            .Column("  RULE", columns.Name, Ink.Dim)
            .Column("LISTEN", columns.Listen, Ink.Dim)
            .Column("STATE", StateWidth, Ink.Dim)
            .Column("TARGETS", ForwardingWidth, Ink.Dim)
            .Column("FLOWS", FlowsWidth, Ink.Dim, right: true)
            .Column("IN", RateWidth, Ink.Dim, right: true)
            .Column("OUT", RateWidth, Ink.Dim, right: true);
        if (columns.HasTotals)
        {
            line.Column("TOTAL", TotalWidth, Ink.Dim, right: true).Column("DROPPED", DroppedWidth, Ink.Dim, right: true).Column("TARGET", columns.Target, Ink.Dim);
        }

        return line.Add($"BY {state.Order}{(state.IsReversed ? ", REV" : "")}".ToUpperInvariant(), Ink.Dim);
    }

    private static ScreenLine Row(ViewScene scene, Columns columns, ViewRule rule, bool isChosen)
    {
        var line = new ScreenLine()
            .Column((isChosen ? "> " : "  ") + rule.Name, columns.Name, isChosen ? Ink.Chosen : Ink.Plain)
            .Column(rule.IsDatagrams ? $"{rule.Listen} udp" : rule.Listen, columns.Listen)
            .Column(rule.State, StateWidth, Inks.OfState(rule.State))
            .Column(rule.Forwarding, ForwardingWidth, Inks.OfForwarding(rule.Forwarding))
            .Column(UnitText.Count(rule.Traffic.FlowsActive), FlowsWidth, right: true)
            .Column(UnitText.Rate(rule.RateIn), RateWidth, right: true)
            .Column(UnitText.Rate(rule.RateOut), RateWidth, right: true);
        if (columns.HasTotals)
        {
            var totals = scene.Totals(rule);
            var dropped = scene.DropsIn(rule).Concat(scene.DropsOut(rule)).Sum(drop => drop.Count);
            line.Column(UnitText.Bytes(totals.BytesIn + totals.BytesOut), TotalWidth, right: true)
                .Column(rule.IsDatagrams ? UnitText.Count(dropped) : "", DroppedWidth, dropped > 0 ? Ink.Warn : Ink.Plain, right: true)
                .Column(rule.Targets.Count == 0 ? "" : rule.Targets[0].Place + (rule.Targets.Count > 1 ? $" +{rule.Targets.Count - 1}" : ""), columns.Target);
        }

        return line.Add(Bars.Spark(scene.History.Both(rule), columns.Spark), Ink.Good);
    }

    /// <summary>Widths for one width of the screen; what is left over goes to the name, then to the sparkline.</summary>
    private sealed record Columns(int Name, int Listen, int Target, int Spark)
    {
        public bool HasTotals => Target > 0;

        public static Columns For(int width)
        {
            const int Numbers = StateWidth + ForwardingWidth + FlowsWidth + RateWidth + RateWidth + 5;
            var left = width - Numbers - LeastSpark - 2;
            var target = left >= 83 ? 24 : 0;
            left -= target > 0 ? target + TotalWidth + DroppedWidth + 3 : 0;
            var listen = Math.Clamp(left / 2, 8, 24);
            var name = Math.Clamp(left - listen, 8, 40);
            return new Columns(name, listen, target, Math.Clamp(LeastSpark + left - listen - name, 0, MostSpark));
        }
    }
}

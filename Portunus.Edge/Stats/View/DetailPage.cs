namespace Portunus.Edge.Stats.View;

/// <summary>Everything about one rule.</summary>
internal static class DetailPage
{
    public static (IReadOnlyList<ScreenLine> Fixed, IReadOnlyList<ScreenLine> Body) Draw(ViewScene scene, int rows)
    {
        if (scene.State.ChosenRule(scene.Snapshot) is not { } rule)
        {
            return ([], [new ScreenLine().Add("No rules.", Ink.Dim)]);
        }

        List<ScreenLine> body = [];
        var height = Math.Clamp((rows - 14) / 2, 1, 6);
        Chart(body, scene, "in ", scene.History.In(rule), rule.RateIn, height);
        Chart(body, scene, "out", scene.History.Out(rule), rule.RateOut, height);
        Counters(body, scene, rule);
        Targets(body, scene, rule);
        Reasons(body, scene, "ENDED FLOWS BY REASON", scene.Ends(rule));
        if (rule.IsDatagrams)
        {
            Reasons(body, scene, "DATAGRAMS DROPPED ON THE WAY IN", scene.DropsIn(rule));
            Reasons(body, scene, "DATAGRAMS DROPPED ON THE WAY OUT", scene.DropsOut(rule));
        }

        Ports(body, scene, rule);
        return (Title(rule), body);
    }

    private static ScreenLine[] Title(ViewRule rule)
    {
        var title = new ScreenLine()
            .Add(rule.Name, Ink.Strong)
            .Add($"  {rule.Protocol} {rule.Listen}  ")
            .Add(rule.State, Inks.OfState(rule.State))
            .Add(", targets ")
            .Add(rule.Forwarding, Inks.OfForwarding(rule.Forwarding));
        return rule.Text.Length == 0 ? [title] : [title, new ScreenLine().Add(rule.Text, Ink.Bad)];
    }

    private static void Chart(List<ScreenLine> body, ViewScene scene, string way, IReadOnlyList<double> series, double now, int height)
    {
        var width = Math.Max(10, Math.Min(scene.Width - 2, 240));
        var seen = series.TakeLast(width).ToList();
        var peak = seen.DefaultIfEmpty().Max();
        body.Add(new ScreenLine()
            .Add($"{way}  now {UnitText.Rate(now)}  peak {UnitText.Rate(peak)}  mean {UnitText.Rate(seen.DefaultIfEmpty().Average())}", Ink.Strong));
        foreach (var row in Bars.Draw(seen, width, height, peak))
        {
            body.Add(new ScreenLine().Add("  ").Add(row, Ink.Good));
        }
    }

    private static void Counters(List<ScreenLine> body, ViewScene scene, ViewRule rule)
    {
        var totals = scene.Totals(rule);
        body.Add(new ScreenLine().Add(
            $"flows {totals.FlowsActive} open, {totals.FlowsOpened} opened ({rule.FlowRate:0.#}/s), {rule.Accepted - (scene.Earlier(rule)?.Accepted ?? 0)} accepted"));
        body.Add(new ScreenLine().Add(
            $"bytes {UnitText.Bytes(totals.BytesIn)} in, {UnitText.Bytes(totals.BytesOut)} out; waits for limits {rule.ThrottlesIn} in, {rule.ThrottlesOut} out"));
        if (rule.IsDatagrams)
        {
            body.Add(new ScreenLine().Add(
                $"datagrams {UnitText.Count(totals.DatagramsIn)} in ({UnitText.Count(rule.DatagramRateIn)}/s), {UnitText.Count(totals.DatagramsOut)} out ({UnitText.Count(rule.DatagramRateOut)}/s)"));
        }
    }

    private static void Targets(List<ScreenLine> body, ViewScene scene, ViewRule rule)
    {
        var place = Math.Clamp(scene.Width - 52, 16, 48);
        body.Add(new ScreenLine()
            .Column("TARGET", place, Ink.Dim).Column("PRIO", 4, Ink.Dim, right: true).Column("STATE", 7, Ink.Dim).Column("FLOWS", 5, Ink.Dim, right: true)
            .Column("IN", 6, Ink.Dim, right: true).Column("OUT", 6, Ink.Dim, right: true).Column("CONNECT", 7, Ink.Dim, right: true).Add("FAILED", Ink.Dim));
        foreach (var target in rule.Targets)
        {
            var ago = target.LastFailure is { } failed ? $" {UnitText.Span(scene.Snapshot.TakenAt - failed)} ago" : "";
            body.Add(new ScreenLine()
                .Column(target.Place, place)
                .Column(UnitText.Count(target.Priority), 4, right: true)
                .Column(target.Standing, 7, Inks.OfForwarding(target.Standing))
                .Column(UnitText.Count(target.Traffic.FlowsActive), 5, right: true)
                .Column(UnitText.Bytes(target.Traffic.BytesIn), 6, right: true)
                .Column(UnitText.Bytes(target.Traffic.BytesOut), 6, right: true)
                .Column(target.ConnectMs is { } took ? $"{took:0.0}ms" : "-", 7, right: true)
                .Add($"{target.ConnectFailures}{ago}", target.ConsecutiveFailures > 0 ? Ink.Bad : Ink.Plain));
        }
    }

    private static void Reasons(List<ScreenLine> body, ViewScene scene, string title, IEnumerable<(string Reason, long Count)> counts)
    {
        body.Add(new ScreenLine().Add(title, Ink.Dim));
        var column = 30;
        var perLine = Math.Max(1, scene.Width / (column + 1));
        foreach (var some in counts.OrderByDescending(one => one.Count).Chunk(perLine))
        {
            var line = new ScreenLine();
            foreach (var (reason, count) in some)
            {
                line.Column($"{count,8} {reason}", column, reason == "completed" ? Ink.Plain : Ink.Warn);
            }

            body.Add(line);
        }
    }

    private static void Ports(List<ScreenLine> body, ViewScene scene, ViewRule rule)
    {
        if (rule.Ports.Count < 2)
        {
            return;
        }

        body.Add(new ScreenLine().Column("PORT", 6, Ink.Dim, right: true).Column("FLOWS", 6, Ink.Dim, right: true)
            .Column("OPENED", 7, Ink.Dim, right: true).Column("IN", 7, Ink.Dim, right: true).Column("OUT", 7, Ink.Dim, right: true));
        var earlier = scene.Earlier(rule)?.Ports.ToDictionary(port => port.Port, port => port.Traffic);
        foreach (var (port, now) in rule.Ports)
        {
            var traffic = earlier is not null && earlier.TryGetValue(port, out var then) ? now.Since(then) : now;
            body.Add(new ScreenLine()
                .Column($"{port}", 6, right: true)
                .Column(UnitText.Count(traffic.FlowsActive), 6, right: true)
                .Column(UnitText.Count(traffic.FlowsOpened), 7, right: true)
                .Column(UnitText.Bytes(traffic.BytesIn), 7, right: true)
                .Column(UnitText.Bytes(traffic.BytesOut), 7, right: true));
        }
    }
}

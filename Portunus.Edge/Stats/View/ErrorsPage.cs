namespace Portunus.Edge.Stats.View;

/// <summary>Everything that is not as it should be, worst first; nothing else.</summary>
internal static class ErrorsPage
{
    private const int NameWidth = 20;

    /// <summary>Ends that are nobody's trouble.</summary>
    private static readonly string[] s_ordinary = ["completed", "idle", "cut", "drain_deadline", "shutdown"];

    public static (IReadOnlyList<ScreenLine> Fixed, IReadOnlyList<ScreenLine> Body) Draw(ViewScene scene)
    {
        List<ScreenLine> body = [];
        var rules = scene.Snapshot.Rules;
        foreach (var rule in rules.Where(rule => rule.State == "refused"))
        {
            body.Add(Line(rule, "refused", Ink.Bad).Add($"{rule.Refusal}: {rule.Text}"));
        }

        foreach (var rule in rules)
        {
            foreach (var target in rule.Targets.Where(target => target.Standing == "down"))
            {
                var ago = target.LastFailure is { } failed ? $", last {UnitText.Span(scene.Snapshot.TakenAt - failed)} ago" : "";
                body.Add(Line(rule, "target down", Ink.Bad).Add($"{target.Place}: {target.ConsecutiveFailures} failures in a row{ago}"));
            }
        }

        foreach (var rule in rules)
        {
            foreach (var (reason, count) in scene.Ends(rule).Where(end => !s_ordinary.Contains(end.Reason)).OrderByDescending(end => end.Count))
            {
                body.Add(Line(rule, "flows", Ink.Warn).Add($"{count} {reason}"));
            }

            Drops(body, rule, "in", scene.DropsIn(rule));
            Drops(body, rule, "out", scene.DropsOut(rule));
            var unnamed = rule.NameFailures - (scene.Earlier(rule)?.NameFailures ?? 0);
            if (unnamed > 0)
            {
                body.Add(Line(rule, "names", Ink.Warn).Add($"{unnamed} times a target's name could not be resolved"));
            }
        }

        if (scene.Snapshot.AcceptErrors > 0)
        {
            body.Add(new ScreenLine().Column("", NameWidth).Column("accept", 11, Ink.Warn).Add($"{scene.Snapshot.AcceptErrors} connections could not be taken from the kernel"));
        }

        if (body.Count == 0)
        {
            body.Add(new ScreenLine().Add("Nothing is wrong.", Ink.Good));
        }

        return ([new ScreenLine().Column("RULE", NameWidth, Ink.Dim).Column("WHAT", 11, Ink.Dim).Add("HOW MUCH", Ink.Dim)], body);
    }

    private static void Drops(List<ScreenLine> body, ViewRule rule, string way, IEnumerable<(string Reason, long Count)> drops)
    {
        foreach (var (reason, count) in drops.OrderByDescending(drop => drop.Count))
        {
            body.Add(Line(rule, "dropped", Ink.Warn).Add($"{count} {reason}, on the way {way}"));
        }
    }

    private static ScreenLine Line(ViewRule rule, string what, Ink ink) =>
        new ScreenLine().Column(rule.Name, NameWidth).Column(what, 11, ink);
}

using System.Text;
using Portunus.Load.Peers;

namespace Portunus.Load.Results;

/// <summary>The tables and verdicts as text.</summary>
internal static class Report
{
    public static string Write(Ledger ledger, IReadOnlyList<Verdict> verdicts)
    {
        var text = new StringBuilder();
        foreach (var table in Figures.Tables)
        {
            AppendTable(text, table, ledger);
        }

        text.AppendLine("Verdicts (edge over the better variant, round by round: median, lowest and highest)");
        var rows = verdicts.Select(verdict => new[]
        {
            verdict.Requirement.Text,
            (verdict.Requirement.AtLeast ? "≥ " : "≤ ") + verdict.Requirement.Bound.ToString("0.##"),
            verdict.Measured?.Text("0.000") ?? "-",
            verdict.Against ?? "",
            verdict.Word,
        });
        AppendRows(text, [["promise", "bound", "measured", "against", "verdict"], .. rows]);
        var missed = verdicts.Count(verdict => verdict.IsMet == false);
        text.AppendLine().AppendLine(
            $"{verdicts.Count(verdict => verdict.IsMet == true)} ok, {missed} missed, {verdicts.Count(verdict => verdict.IsMet is null)} not measured");
        return text.ToString();
    }

    private static void AppendTable(StringBuilder text, FigureTable table, Ledger ledger)
    {
        var columns = table.Columns.Where(column => ledger.Keys.Any(key => key.Figure == column.Figure)).ToArray();
        if (columns.Length == 0)
        {
            return;
        }

        text.AppendLine(table.Title);
        var peers = PeerList.Names.Append(Figures.EdgePaced)
            .Where(peer => columns.Any(column => ledger.Spread(peer, column.Figure) is not null));
        var rows = peers.Select(peer => (string[])[peer, .. columns.Select(column => ledger.Spread(peer, column.Figure)?.Text(column.Format) ?? "-")]);
        AppendRows(text, [["", .. columns.Select(column => column.Heading)], .. rows]);
        text.AppendLine();
    }

    private static void AppendRows(StringBuilder text, IReadOnlyList<string[]> rows)
    {
        var widths = rows[0].Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            text.AppendLine("  " + string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }
}

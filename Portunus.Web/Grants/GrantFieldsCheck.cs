using Portunus.Shared.Ids;
using Portunus.Shared.Rules;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Grants;

/// <summary>The fields of a grant, each by itself. Pure.</summary>
internal static class GrantFieldsCheck
{
    /// <summary>Writes the sound ones into the row and tells of the others.</summary>
    public static void Apply(GrantFields fields, Grant row, List<Problem> problems)
    {
        Edge(fields.Edge, row, problems);
        Ports(fields.Ports, row, problems);
        Protocols(fields.Protocols, row, problems);
        row.LocalTargets = fields.LocalTargets ?? false;
        row.ExpiresAt = fields.ExpiresAt?.ToUniversalTime();
        row.Note = fields.Note ?? "";
        if (row.Note.EnumerateRunes().Count() > RuleCheck.MaxNoteLength)
        {
            problems.Add(new Problem("note_length", "note", $"note must have at most {RuleCheck.MaxNoteLength} characters."));
        }
    }

    private static void Edge(string? text, Grant row, List<Problem> problems)
    {
        if (text == GrantView.AllEdges)
        {
            row.EdgeId = null;
        }
        else if (EdgeId.TryParse(text, out var edge))
        {
            row.EdgeId = edge;
        }
        else
        {
            problems.Add(new Problem(text is null ? "edge_missing" : "edge_malformed", "edge", "edge must be the id of an edge, or all."));
        }
    }

    private static void Ports(string? text, Grant row, List<Problem> problems)
    {
        if (text is null)
        {
            problems.Add(new Problem("ports_missing", "ports", "A grant needs ports, for example 8000-8999."));
        }
        else if (PortRange.TryParse(text, out var ports, out var reason))
        {
            (row.FirstPort, row.LastPort) = (ports.First, ports.Last);
        }
        else
        {
            problems.Add(new Problem("ports_malformed", "ports", $"ports: {reason}"));
        }
    }

    private static void Protocols(IReadOnlyList<string>? words, Grant row, List<Problem> problems)
    {
        if (words is not { Count: > 0 })
        {
            problems.Add(new Problem("protocols_missing", "protocols", "A grant needs protocols: tcp, udp or both."));
            return;
        }

        for (var i = 0; i < words.Count; i++)
        {
            if (words[i] is not ("tcp" or "udp"))
            {
                problems.Add(new Problem("protocol_unknown", $"protocols[{i}]", "A protocol must be tcp or udp."));
                return;
            }
        }

        (row.Tcp, row.Udp) = (words.Contains("tcp"), words.Contains("udp"));
    }
}

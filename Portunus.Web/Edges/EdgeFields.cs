using System.ComponentModel.DataAnnotations;
using Portunus.Shared.Rules;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Edges;

/// <summary>An edge as it is asked for.</summary>
internal sealed record EdgeFields
{
    /// <summary>1–64 characters, for people; nothing is keyed by it.</summary>
    [Bounds(1, RuleCheck.MaxNameLength)]
    [Required]
    public string? Name { get; init; }

    /// <summary>Where people reach its ports: an address or a host name without a port.</summary>
    public string? PublicAddress { get; init; }

    /// <summary>Up to 500 characters.</summary>
    [Bounds(0, RuleCheck.MaxNoteLength)]
    public string? Note { get; init; }

    /// <summary>Everything wrong with the fields; else they are in one spelling.</summary>
    public Outcome<EdgeFields> Check()
    {
        var problems = new List<Problem>();
        if (Name is null)
        {
            problems.Add(new Problem("name_missing", "name", "An edge needs a name."));
        }
        else if (string.IsNullOrWhiteSpace(Name) || Name.EnumerateRunes().Count() > RuleCheck.MaxNameLength)
        {
            problems.Add(new Problem("name_length", "name", $"name must have 1 to {RuleCheck.MaxNameLength} characters and not be blank."));
        }
        else if (Name.Any(char.IsControl))
        {
            problems.Add(new Problem("name_character", "name", "name must not contain control characters."));
        }

        var address = string.IsNullOrEmpty(PublicAddress) ? null : Normal(PublicAddress, problems);
        if (Note?.EnumerateRunes().Count() > RuleCheck.MaxNoteLength)
        {
            problems.Add(new Problem("note_length", "note", $"note must have at most {RuleCheck.MaxNoteLength} characters."));
        }

        return problems.Count > 0 ? problems : this with { PublicAddress = address, Note = Note ?? "" };
    }

    private static string? Normal(string text, List<Problem> problems)
    {
        if (HostName.TryParseLiteral(text, out var literal))
        {
            return literal.ToString();
        }

        if (HostName.TryParseName(text, out var name, out _, out var reason))
        {
            return name;
        }

        problems.Add(new Problem("public_address_malformed", "public_address", $"public_address must be an address or a host name without a port: {reason}"));
        return null;
    }
}

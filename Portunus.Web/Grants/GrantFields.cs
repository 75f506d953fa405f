using System.ComponentModel.DataAnnotations;
using Portunus.Shared.Rules;

namespace Portunus.Web.Grants;

/// <summary>A grant as it is asked for.</summary>
internal sealed record GrantFields
{
    /// <summary>Id of the account that is granted something; it cannot change.</summary>
    [Required]
    public string? Account { get; init; }

    /// <summary>Id of an edge, or <c>all</c> for every edge, those to come included.</summary>
    [Required]
    public string? Edge { get; init; }

    /// <summary>One port or <c>first-last</c>, 1–65535.</summary>
    [Required]
    public string? Ports { get; init; }

    /// <summary><c>tcp</c>, <c>udp</c> or both.</summary>
    [Bounds(1, 2), Words("tcp", "udp")]
    [Required]
    public IReadOnlyList<string>? Protocols { get; init; }

    /// <summary>Whether rules may aim at the edge's own loopback, link-local and other own addresses. Default false.</summary>
    public bool? LocalTargets { get; init; }

    /// <summary>When it ends; absent means never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Up to 500 characters.</summary>
    [Bounds(0, RuleCheck.MaxNoteLength)]
    public string? Note { get; init; }
}

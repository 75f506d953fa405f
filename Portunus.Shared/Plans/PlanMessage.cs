using System.Text.Json;
using System.Text.Json.Serialization;
using Portunus.Shared.Ids;
using Portunus.Shared.Json;

namespace Portunus.Shared.Plans;

/// <summary>
/// A plan on its way, and as an edge keeps it on disk. <see cref="PlanReading"/> makes an <see cref="EdgePlan"/> of it. A field that is
/// not known here is told, in the log and the report, and the rest is carried out: to refuse the plan would also refuse its tombstones and
/// revoked grants. So a later version says nothing here that keeps somebody out, unless the edge names the feature in its
/// <see cref="Link.EdgeHello.Features"/>; in a <see cref="PlanEntry"/> it may, since what is not known there refuses the rule.
/// </summary>
/// <param name="Epoch">Of the revision.</param>
/// <param name="Number">Of the revision; 1 and up.</param>
/// <param name="Rules">Every rule of the edge, disabled ones and tombstones included.</param>
/// <param name="OwnerLimits">Limits of each owner over all own rules here, fields as in a rule's <c>limits</c>.</param>
public sealed record PlanMessage(string Epoch, long Number, IReadOnlyList<PlanEntry> Rules, IReadOnlyDictionary<AccountId, RawJson> OwnerLimits)
{
    [JsonIgnore]
    public PlanRevision Revision => new(Epoch, Number);

    /// <summary>What a later version added.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>One rule of a plan on its way.</summary>
public sealed record PlanEntry
{
    public required RuleId Id { get; init; }

    /// <summary>Counts up with each change of this rule.</summary>
    public required long Revision { get; init; }

    /// <summary>The rule in its JSON form, as kept; absent for a tombstone.</summary>
    public RawJson? Rule { get; init; }

    public AccountId? Owner { get; init; }

    /// <summary>See <see cref="PlannedRule.LocalTargets"/>; closed where absent.</summary>
    public bool LocalTargets { get; init; }

    /// <summary>True: the owner may not run it now, so it is stopped whatever its <c>enabled</c> says.</summary>
    public bool Forbidden { get; init; }

    /// <summary>When the last grant that covers it ends; the rule's own <c>expires_at</c> may be sooner. Null: never.</summary>
    public DateTimeOffset? Until { get; init; }

    public FlowOrder? CutBefore { get; init; }

    public FlowOrder? DrainBefore { get; init; }

    /// <summary>What a later version added. Something about this rule that is not understood here refuses it.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

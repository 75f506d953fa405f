using Portunus.Web.Audit;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Edges;

/// <summary>Changing the key that edges know this control plane by. Upward: the link is served by a room above.</summary>
internal interface ILinkRotation
{
    /// <summary>Whether a link is served here, so that edges would hear of it.</summary>
    bool IsServed { get; }

    /// <summary>The one under way, else the last since the start; null without any.</summary>
    RotationView? Last { get; }

    /// <summary>Makes the next key and announces it. The switch comes when every edge has it, at the latest when the time is over.</summary>
    /// <param name="actor">A superadmin.</param>
    /// <param name="waitMinutes">How long edges that are away are waited for; <see cref="RotationView.MaxWaitMinutes"/> at most.</param>
    /// <param name="cancel">Gives up.</param>
    Task<Outcome<RotationView>> BeginAsync(Actor actor, long waitMinutes, CancellationToken cancel);

    /// <summary>Waits for the switch of the one under way; the last one at once where none is.</summary>
    Task<RotationView?> EndAsync(CancellationToken cancel);
}

/// <summary>A change of the link's key.</summary>
/// <param name="Standing">Whether it is done.</param>
/// <param name="OldPin">What edges know this control plane by until the switch.</param>
/// <param name="NewPin">And from then on.</param>
/// <param name="StartedAt">When it was announced.</param>
/// <param name="SwitchesBy">When it is done at the latest.</param>
/// <param name="SwitchedAt">When it was done; null while it is under way.</param>
/// <param name="Ready">How many edges have said that they have the new pin.</param>
/// <param name="Missing">Edges that have not; those that still have not at the switch must be enrolled again.</param>
internal sealed record RotationView(
    RotationStanding Standing, string OldPin, string NewPin, DateTimeOffset StartedAt, DateTimeOffset SwitchesBy, DateTimeOffset? SwitchedAt, int Ready,
    IReadOnlyList<EdgeMention> Missing)
{
    /// <summary>A week.</summary>
    public const int MaxWaitMinutes = 7 * 24 * 60;
}

/// <summary>How far a change of the key is.</summary>
internal enum RotationStanding
{
    /// <summary>Announced; the old key is in use and both pins are valid.</summary>
    UnderWay,

    /// <summary>The new key is in use.</summary>
    Done,
}

/// <summary>An edge, by id and by what people call it.</summary>
internal sealed record EdgeMention(string Id, string Name);

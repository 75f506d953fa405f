using Microsoft.AspNetCore.SignalR;

namespace Portunus.Web.Link;

/// <summary>One link while it is open.</summary>
internal sealed class EdgeConnection(LinkCaller caller, HubCallerContext context, MessageBudget budget)
{
    private const string Key = "edge";

    private int _isGreeted;
    private string? _closing;

    public LinkCaller Caller { get; } = caller;

    /// <summary>What the hub knows it by.</summary>
    public string Id { get; } = context.ConnectionId;

    /// <summary>Ends with the link.</summary>
    public CancellationToken Ended { get; } = context.ConnectionAborted;

    public MessageBudget Budget { get; } = budget;

    /// <summary>Its hello was taken; before, nothing is sent to it and nothing else is taken from it.</summary>
    public bool IsGreeted => Volatile.Read(ref _isGreeted) == 1;

    /// <summary>Why this side is about to cut it; null while it is not.</summary>
    public string? Closing => Volatile.Read(ref _closing);

    /// <summary>Of the program at the other end, from its hello on.</summary>
    public string Version { get; set; } = "";

    /// <summary>Pins it said it has on its disk.</summary>
    public IReadOnlySet<string> Pins { get; private set; } = new HashSet<string>();

    public static EdgeConnection? Of(HubCallerContext context) => context.Items.TryGetValue(Key, out var one) ? one as EdgeConnection : null;

    public void Attach() => context.Items[Key] = this;

    /// <summary>True for the first hello only.</summary>
    public bool TryGreet() => Interlocked.Exchange(ref _isGreeted, 1) == 0;

    /// <summary>True for the first who wants to cut it.</summary>
    public bool TryClose(string reason) => Interlocked.CompareExchange(ref _closing, reason, null) is null;

    public void Keep(IReadOnlyList<string> pins) => Pins = pins.ToHashSet(StringComparer.Ordinal);

    public void Abort() => context.Abort();
}

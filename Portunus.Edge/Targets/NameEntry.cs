using System.Net;

namespace Portunus.Edge.Targets;

/// <summary>One user's hold on a name: its addresses in the family order this user prefers. Any thread.</summary>
internal sealed class NameEntry
{
    private readonly bool _preferIpv6;
    private int _released;

    public NameEntry(ResolvedName name, bool preferIpv6)
    {
        Name = name;
        _preferIpv6 = preferIpv6;
    }

    public ResolvedName Name { get; }

    /// <summary>The addresses known now, never an empty array; null without any, and then <see cref="Wait"/> asks.</summary>
    public IPAddress[]? Addresses => Name.Addresses(_preferIpv6);

    /// <summary>Calls the waiter once: at once where the answer is known already, good or bad. It works after the release as well.</summary>
    public void Wait(INameWaiter waiter) => Name.Wait(waiter, this);

    /// <summary>True for the first call: an entry is given back once.</summary>
    public bool TryRelease() => Interlocked.Exchange(ref _released, 1) == 0;
}

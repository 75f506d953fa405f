namespace Portunus.Edge.Targets;

/// <summary>What one lookup of a name came to, by family.</summary>
internal sealed record FoundName(NameReply V4, NameReply V6)
{
    public bool HasAddresses => V4.Verdict == NameVerdict.Found || V6.Verdict == NameVerdict.Found;

    /// <summary>Something was not answered, so that another lookup soon may know more.</summary>
    public bool IsIncomplete => V4.IsFailure || V6.IsFailure;

    /// <summary>Why there are no addresses: what failed, before what was denied.</summary>
    public string Reason => V4.IsFailure || !V6.IsFailure ? V4.Reason : V6.Reason;

    public static FoundName Without(NameVerdict verdict, string reason)
    {
        var reply = NameReply.Without(verdict, reason);
        return new FoundName(reply, reply);
    }
}

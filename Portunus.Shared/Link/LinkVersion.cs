namespace Portunus.Shared.Link;

/// <summary>Versions of what both sides say to each other. A field added to a message is no new version: whoever does not know it leaves it out.</summary>
public static class LinkVersion
{
    /// <summary>What this program speaks.</summary>
    public const int Current = 1;

    /// <summary>The oldest that it still understands.</summary>
    public const int Oldest = 1;
}

namespace Portunus.Shared.Rules;

/// <summary>An exact DNS name or <c>*.suffix</c> (one label in place of the star), lower case, no trailing dot.</summary>
/// <param name="Name">The exact name, or the suffix after <c>*.</c></param>
/// <param name="IsWildcard">Whether one label stands before <paramref name="Name"/>.</param>
public sealed record HostPattern(string Name, bool IsWildcard)
{
    public override string ToString() => IsWildcard ? "*." + Name : Name;
}

namespace Portunus.Shared.Ids;

/// <summary>Names one account, which may own rules. Time-ordered (UUID version 7, RFC 9562).</summary>
public readonly record struct AccountId(Guid Value)
{
    /// <summary>A new id.</summary>
    public static AccountId New() => new(Guid.CreateVersion7());

    /// <summary>Reads the 36-character form.</summary>
    public static bool TryParse(string? text, out AccountId id)
    {
        var read = Guid.TryParseExact(text, "D", out var value);
        id = new AccountId(value);
        return read;
    }

    public override string ToString() => Value.ToString("D");
}

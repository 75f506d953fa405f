using Portunus.Shared.Rules;
using Portunus.Web.Database.Tables;

namespace Portunus.Web.Edges;

/// <summary>What is asked for with a new code.</summary>
internal sealed record EnrollFields
{
    /// <summary>How long it is good, 1–1440. Default 10.</summary>
    [Bounds(1, EnrollCodes.MaxMinutes)]
    public long? Minutes { get; init; }
}

/// <summary>A new code, told this once.</summary>
/// <param name="Id">To cancel it by.</param>
/// <param name="Edge">What redeems it becomes this edge.</param>
/// <param name="Code">The secret.</param>
/// <param name="ExpiresAt">When it ends.</param>
internal sealed record NewEnrollCode(string Id, string Edge, string Code, DateTimeOffset ExpiresAt)
{
    /// <summary>The line for <c>portunus-edge enroll</c>, with the code in it; null where nothing says where edges connect.</summary>
    public string? Uri { get; init; }

    /// <summary>Where the edge connects, host:port.</summary>
    public string? Address { get; init; }

    /// <summary>Who said so.</summary>
    public AddressSource AddressSource { get; init; }
}

/// <summary>What became of a code.</summary>
internal enum EnrollCodeStanding
{
    Open,
    Redeemed,
    Cancelled,
    Expired,
}

/// <summary>A code as it is told later, without its secret.</summary>
internal sealed record EnrollCodeView(
    string Id, EnrollCodeStanding Standing, DateTimeOffset CreatedAt, string? CreatedBy, DateTimeOffset ExpiresAt, DateTimeOffset? RedeemedAt, string? RedeemedFrom)
{
    public static EnrollCodeView Of(EnrollCode row, DateTimeOffset now) => new(
        row.Id.ToString(),
        row.RedeemedAt is not null ? EnrollCodeStanding.Redeemed
            : row.CancelledAt is not null ? EnrollCodeStanding.Cancelled
            : row.ExpiresAt <= now ? EnrollCodeStanding.Expired : EnrollCodeStanding.Open,
        row.CreatedAt, row.CreatedBy?.ToString(), row.ExpiresAt, row.RedeemedAt, row.RedeemedFrom);
}

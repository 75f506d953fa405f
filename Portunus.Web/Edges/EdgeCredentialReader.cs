using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Web.Accounts;
using Portunus.Web.Database;

namespace Portunus.Web.Edges;

/// <summary>What a credential is worth.</summary>
internal enum EdgeTrust
{
    /// <summary>Nobody's, or one that another has taken the place of.</summary>
    Unknown,

    /// <summary>Of an edge that was revoked or deleted.</summary>
    Revoked,

    Trusted,
}

/// <summary>An edge that has shown a credential, or that a link belongs to.</summary>
/// <param name="Trust">What it is worth.</param>
/// <param name="Edge">Which; the id of nothing where it is not known.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Hash">Of the credential in force.</param>
internal sealed record KnownEdge(EdgeTrust Trust, EdgeId Edge, string Name, byte[] Hash)
{
    public static KnownEdge Nobody { get; } = new(EdgeTrust.Unknown, default, "", []);
}

/// <summary>Turns credentials into edges, from the store at every question: what is revoked has no second chance in a memory.</summary>
internal sealed class EdgeCredentialReader(IDbContextFactory<PortunusDb> factory)
{
    /// <summary>Begins every credential of an edge, so that scanners for leaked secrets know it.</summary>
    public const string Prefix = "pte_";

    /// <summary>Whose credential this is.</summary>
    public async Task<KnownEdge> FindAsync(string credential, CancellationToken cancel)
    {
        if (credential.Length is 0 or > Secrets.MaxLength)
        {
            return KnownEdge.Nobody;
        }

        var hash = Secrets.HashOf(credential);
        await using var db = await factory.CreateDbContextAsync(cancel);
        if (await db.Edges.AsNoTracking().Where(edge => edge.CredentialHash == hash).Select(edge => new { edge.Id, edge.Name, edge.RevokedAt }).SingleOrDefaultAsync(cancel) is { } row)
        {
            return new KnownEdge(row.RevokedAt is null ? EdgeTrust.Trusted : EdgeTrust.Revoked, row.Id, row.Name, hash);
        }

        return await db.EdgeTombstones.AsNoTracking().AnyAsync(tombstone => tombstone.CredentialHash == hash, cancel)
            ? KnownEdge.Nobody with { Trust = EdgeTrust.Revoked }
            : KnownEdge.Nobody;
    }

    /// <summary>What a link that was let in with a credential is worth now.</summary>
    public async Task<EdgeTrust> TrustAsync(EdgeId edge, byte[] hash, CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        var row = await db.Edges.AsNoTracking().Where(one => one.Id == edge).Select(one => new { one.CredentialHash, one.RevokedAt }).SingleOrDefaultAsync(cancel);
        if (row is null || row.RevokedAt is not null)
        {
            return EdgeTrust.Revoked;
        }

        return row.CredentialHash is { } current && current.AsSpan().SequenceEqual(hash) ? EdgeTrust.Trusted : EdgeTrust.Unknown;
    }

    /// <summary>False once it is deleted.</summary>
    public async Task<bool> IsThereAsync(EdgeId edge, CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        return await db.Edges.AsNoTracking().AnyAsync(one => one.Id == edge, cancel);
    }

    /// <summary>Edges that may connect, by id, with their names.</summary>
    public async Task<Dictionary<EdgeId, string>> TrustedAsync(CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        return await db.Edges.AsNoTracking().Where(edge => edge.CredentialHash != null && edge.RevokedAt == null).ToDictionaryAsync(edge => edge.Id, edge => edge.Name, cancel);
    }
}

namespace Portunus.Web.Grants;

/// <summary>What an account's grants come to for one request.</summary>
/// <param name="Until">When the last grant that covers it ends; null when one of them never does.</param>
/// <param name="LocalTargets">Whether one of them allows targets on the edge itself.</param>
internal sealed record GrantCover(DateTimeOffset? Until, bool LocalTargets);

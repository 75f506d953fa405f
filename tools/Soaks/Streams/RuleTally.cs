namespace Portunus.Soaks.Streams;

/// <summary>What the streams of one rule came to.</summary>
/// <param name="Connected">Connections made.</param>
/// <param name="BytesIn">Received by targets, headers included.</param>
/// <param name="BytesOut">Received by connecting sides.</param>
internal readonly record struct RuleTally(long Connected, long BytesIn, long BytesOut);

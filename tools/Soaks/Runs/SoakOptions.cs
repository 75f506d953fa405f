namespace Portunus.Soaks.Runs;

/// <summary>What every run is told.</summary>
/// <param name="Program">Path of the edge.</param>
/// <param name="Seed">Decides everything that is left to chance.</param>
/// <param name="Seconds">How long, where a run is measured in time.</param>
/// <param name="Scale">Share of the full size, where a run is measured in size; 1 is the full run.</param>
/// <param name="BytesPerSecond">Bound on the traffic of all streams together; 0 is as fast as they go.</param>
internal sealed record SoakOptions(string Program, ulong Seed, int Seconds, double Scale, long BytesPerSecond = 0);

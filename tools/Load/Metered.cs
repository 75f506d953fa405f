namespace Portunus.Load;

/// <summary>What a load counted, and what it cost.</summary>
/// <param name="Result">What the load program counted.</param>
/// <param name="Cpu">Seconds on CPU of the forwarder's processes; null where none forwards.</param>
/// <param name="Machine">Seconds on CPU of everything on the machine.</param>
internal sealed record Metered<T>(T Result, double? Cpu, double Machine);

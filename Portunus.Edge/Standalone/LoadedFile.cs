using Portunus.Shared.RuleFiles;

namespace Portunus.Edge.Standalone;

/// <summary>A rule file as it was found on disk.</summary>
/// <param name="Result">What it says, or everything that is wrong with it.</param>
/// <param name="Digest">Of its bytes, in hex; empty where it could not be read.</param>
internal sealed record LoadedFile(RuleFileResult Result, string Digest);

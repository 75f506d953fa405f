namespace Portunus.Edge.Link;

/// <summary>What came of asking for credentials.</summary>
/// <param name="Credentials">Null where there are none.</param>
/// <param name="Problem">Why there are none, in a sentence; empty otherwise.</param>
/// <param name="MayTryAgain">The same line may still be good: nothing that speaks against it was heard.</param>
internal sealed record EnrollAnswer(EdgeCredentials? Credentials, string Problem, bool MayTryAgain);

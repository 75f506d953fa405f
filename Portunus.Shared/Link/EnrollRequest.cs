namespace Portunus.Shared.Link;

/// <summary>A machine asks to become an edge.</summary>
/// <param name="Code">From the enrolment line; good once.</param>
/// <param name="Host">Its host name, for the audit log.</param>
/// <param name="Version">Of the program.</param>
public sealed record EnrollRequest(string Code, string Host, string Version);

/// <summary>It is one now.</summary>
/// <param name="Edge">The edge's id.</param>
/// <param name="Name">The edge's name, for people.</param>
/// <param name="Credential">What it proves itself with; told once.</param>
/// <param name="Pins">Valid pins of the server, the one in use first.</param>
public sealed record EnrollReply(string Edge, string Name, string Credential, IReadOnlyList<string> Pins);

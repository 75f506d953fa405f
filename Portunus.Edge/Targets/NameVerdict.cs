namespace Portunus.Edge.Targets;

/// <summary>What came of asking for one family of addresses of a name.</summary>
internal enum NameVerdict
{
    Found,

    /// <summary>The name is there and has no address of this family.</summary>
    NoAddress,

    /// <summary>The name is not there (NXDOMAIN).</summary>
    NoSuchName,

    /// <summary>Servers answered, and none with an answer (SERVFAIL, REFUSED and the like).</summary>
    Refused,

    /// <summary>No server answered in time.</summary>
    Silent,
}

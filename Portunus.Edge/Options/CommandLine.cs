using Microsoft.Extensions.Logging;
using Portunus.Shared.Link;

namespace Portunus.Edge.Options;

/// <summary>What the command line and the environment ask for; null where both are silent and the rule file may speak.</summary>
internal sealed record CommandLine
{
    /// <summary>Where a rule file is looked for when none is named.</summary>
    public const string DefaultFile = "./portunus.toml";

    public required EdgeVerb Verb { get; init; }

    /// <summary>The rule file.</summary>
    public string File { get; init; } = DefaultFile;

    public LogLevel? LogLevel { get; init; }

    public LogFormat? LogFormat { get; init; }

    /// <summary>True: no stats socket, whatever the file says.</summary>
    public bool NoStats { get; init; }

    /// <summary>Where the stats socket is made or found.</summary>
    public string? StatsSocket { get; init; }

    /// <summary><c>stats</c>: one JSON document instead of the live view.</summary>
    public bool Once { get; init; }

    /// <summary><c>enroll</c>: the enrolment line.</summary>
    public EnrollUri? EnrollUri { get; init; }

    /// <summary><c>run</c>: the line of the environment, used where there are no credentials yet; not looked at before.</summary>
    public string? EnrollLine { get; init; }

    /// <summary><c>enroll</c>: credentials that are there already are replaced.</summary>
    public bool Force { get; init; }

    /// <summary><c>run</c> and <c>enroll</c>: the file with the credentials; null: the usual place.</summary>
    public string? Credentials { get; init; }

    /// <summary><c>run</c>: where plan, counters and lock are kept; null: the usual place.</summary>
    public string? StateDirectory { get; init; }
}

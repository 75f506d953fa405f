namespace Portunus.Edge.Options;

/// <summary>What the program is asked to do.</summary>
internal enum EdgeVerb
{
    /// <summary>Print how to call it.</summary>
    Help,

    /// <summary>Print the version.</summary>
    Version,

    /// <summary>Forward by the rules of a file.</summary>
    Standalone,

    /// <summary>Say everything that is wrong with a file.</summary>
    Check,

    /// <summary>Show what a running edge counts.</summary>
    Stats,

    /// <summary>Become an edge of a control plane.</summary>
    Enroll,

    /// <summary>Forward by the plans of a control plane.</summary>
    Run,
}

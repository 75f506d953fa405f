using System.Net;
using Portunus.Shared.Rules;

namespace Portunus.Shared.RuleFiles;

/// <summary>A rule file that has passed every check.</summary>
/// <param name="Rules">In the order of the file, at least one.</param>
/// <param name="Global">Table <c>[global]</c>.</param>
/// <param name="Stats">Table <c>[stats]</c>.</param>
/// <param name="MetricsListen"><c>[metrics] listen</c>; null serves no metrics.</param>
public sealed record RuleFile(IReadOnlyList<FileRule> Rules, GlobalSettings Global, StatsSettings Stats, IPEndPoint? MetricsListen);

/// <summary>One <c>[[rule]]</c> with the file's defaults applied.</summary>
/// <param name="Spec">As asked.</param>
/// <param name="Rule">As checked.</param>
/// <param name="Line">Of its <c>[[rule]]</c> header, from 1.</param>
public sealed record FileRule(RuleSpec Spec, CheckedRule Rule, int Line);

/// <summary>What a changed or removed rule does to its open flows.</summary>
public enum FlowPolicy
{
    /// <summary>They go on under the new rule; those of a removed rule drain.</summary>
    Keep,

    /// <summary>They may finish until the drain deadline and are cut then.</summary>
    Drain,

    /// <summary>They are cut at once.</summary>
    Cut,
}

/// <summary>Table <c>[global]</c>; what is absent in the file is null where the command line or the environment may still say it.</summary>
public sealed record GlobalSettings
{
    /// <summary>Free text shown in the logs.</summary>
    public string? Label { get; init; }

    /// <summary><c>trace</c>, <c>debug</c>, <c>info</c>, <c>warn</c> or <c>error</c>.</summary>
    public string? LogLevel { get; init; }

    /// <summary><c>json</c> or <c>text</c> (<c>pretty</c> is an older name of the second).</summary>
    public string? LogFormat { get; init; }

    /// <summary>What flows may take to finish when the edge stops or a rule is removed. 0–3600 s, default 30 s.</summary>
    public TimeSpan ShutdownDrain { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What a reload does to the flows of rules that it changes. Default keep.</summary>
    public FlowPolicy ReloadFlows { get; init; }
}

/// <summary>Table <c>[stats]</c>.</summary>
public sealed record StatsSettings
{
    /// <summary>Whether the stats socket is made. Default true.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Where; null: the edge's default place.</summary>
    public string? SocketPath { get; init; }

    /// <summary>Time between two snapshots. 250–5000 ms, default 1000.</summary>
    public int RefreshMs { get; init; } = 1000;
}

using Microsoft.Extensions.Logging;

namespace Portunus.Edge.Targets;

/// <summary>Says in the log what became of one target of one rule. Any thread.</summary>
internal sealed class TargetNotice
{
    private readonly ILogger _log;
    private readonly string _rule;
    private readonly string _target;

    public TargetNotice(ILogger log, string rule, Target target)
    {
        _log = log;
        _rule = rule;
        _target = target.Host.Contains(':', StringComparison.Ordinal) ? $"[{target.Host}]:{target.FirstPort}" : $"{target.Host}:{target.FirstPort}";
    }

    public void Up() => _log.TargetUp(_target, _rule);

    public void Down(string reason) => _log.TargetDown(_target, _rule, reason);

    public void NotProbed(string reason) => _log.ProbeNotMade(_target, _rule, reason);

    public void Faulted(Exception error) => _log.ProbeFaulted(_target, _rule, error);
}

using Microsoft.Extensions.Logging;
using Portunus.Edge.Options;
using Portunus.Shared.Plans;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Engine;

/// <summary>
/// The engine's door. Everything behind it runs on event loops; nothing outside this room reaches past it.
/// </summary>
internal sealed class ForwardingEngine : IAsyncDisposable
{
    private readonly EngineOptions _options;
    private readonly ILoggerFactory _loggers;

    public ForwardingEngine(EngineOptions options, ILoggerFactory loggers)
    {
        _options = options;
        _loggers = loggers;
    }

    /// <summary>Starts the loops. Throws where the machine cannot run them at all.</summary>
    public void Start()
    {
    }

    /// <summary>
    /// Brings what runs to <paramref name="plan"/> by difference: rules that did not change keep listeners and flows. One
    /// plan is carried out at a time; a plan of a lower revision than the last is ignored. Answers what became of each rule.
    /// </summary>
    public Task<IReadOnlyList<RuleOutcome>> ApplyAsync(EdgePlan plan, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<RuleOutcome>>([]);

    /// <summary>Counters and standing of all rules, and the vitals of the process. Any thread.</summary>
    public EdgeSample Read() => throw new InvalidOperationException("not started");

    /// <summary>
    /// Stops accepting at once, lets flows finish for up to <paramref name="drain"/>, then cuts the rest;
    /// cancelling <paramref name="cut"/> cuts them at once.
    /// </summary>
    public Task StopAsync(TimeSpan drain, CancellationToken cut) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

using Portunus.Shared.Ids;
using Portunus.Web.Audit;
using Portunus.Web.Outcomes;
using Portunus.Web.Plans;

namespace Portunus.Web.Rules;

/// <summary>Holds an answer back until the edge has told what became of the rule, for those who asked for it. The change itself is stored long before.</summary>
internal sealed class RuleWait(RuleReader reader, PlanOutcomes outcomes, IHostApplicationLifetime life)
{
    /// <param name="actor">Who changed the rule.</param>
    /// <param name="changed">What is answered: it stays as it is where the change was refused.</param>
    /// <param name="most">How long; zero does not wait.</param>
    /// <param name="gone">The caller has gone away.</param>
    public async Task<Outcome<RuleView>> AfterAsync(Actor actor, Outcome<RuleView> changed, TimeSpan most, CancellationToken gone)
    {
        if (most <= TimeSpan.Zero || !changed.TryGet(out var view) || !RuleId.TryParse(view.Id, out var rule) || !EdgeId.TryParse(view.Edge, out var edge))
        {
            return changed;
        }

        // A stop of the control plane waits for nobody's edge.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(gone, life.ApplicationStopping);
        try
        {
            await outcomes.WaitAsync(edge, rule, await reader.EpochAsync(either.Token), view.Revision, most, either.Token);
        }
        catch (OperationCanceledException) when (!gone.IsCancellationRequested)
        {
            return changed;
        }

        // Somebody may have changed it again, or removed it; this caller is answered about the own change.
        return await reader.GetAsync(actor, rule, gone) is var now && now.TryGet(out var fresh) && fresh.Revision == view.Revision ? fresh : changed;
    }
}

using Portunus.Shared.Plans;
using Portunus.Shared.Samples;

namespace Portunus.Shared.Link;

/// <summary>What an edge may call. Hello comes first; the others tell and wait for no answer but that they were received.</summary>
public interface IEdgeHub
{
    Task<EdgeWelcome> Hello(EdgeHello hello);

    Task ReportPlan(PlanReport report);

    Task ReportSamples(SampleBatch batch);

    /// <summary>These pins are on the edge's disk now. Told after each welcome and after each <see cref="IEdgeClient.UsePins"/>.</summary>
    Task PinsKept(IReadOnlyList<string> pins);
}

using Portunus.Shared.Plans;
using Portunus.Shared.Samples;

namespace Portunus.Shared.Link;

/// <summary>What an edge may call. Hello comes first; the others tell and wait for no answer but that they were received.</summary>
public interface IEdgeHub
{
    Task<EdgeWelcome> Hello(EdgeHello hello);

    Task ReportPlan(PlanReport report);

    Task ReportSamples(SampleBatch batch);
}

using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Web.Plans;

namespace Portunus.Tests.Kit;

/// <summary>Stands for the link: which edges are there, and every plan that was handed over.</summary>
internal sealed class TakenPlans : IPlanSender
{
    private readonly Lock _gate = new();
    private readonly HashSet<EdgeId> _there = [];
    private readonly Dictionary<EdgeId, TaskCompletionSource> _slow = [];
    private readonly List<(EdgeId Edge, PlanMessage Plan)> _taken = [];

    /// <summary>How many of the next sends fail.</summary>
    public int Failing { get; set; }

    /// <summary>Sends begun, those that fail or never end included.</summary>
    public int Begun { get; private set; }

    public bool IsConnected(EdgeId edge)
    {
        lock (_gate)
        {
            return _there.Contains(edge);
        }
    }

    public async Task SendAsync(EdgeId edge, PlanMessage plan, CancellationToken cancel)
    {
        Task slow;
        lock (_gate)
        {
            Begun++;
            if (Failing > 0)
            {
                Failing--;
                throw new IOException("The line broke.");
            }

            slow = _slow.TryGetValue(edge, out var stuck) ? stuck.Task : Task.CompletedTask;
        }

        await slow;
        lock (_gate)
        {
            _taken.Add((edge, plan));
        }
    }

    public void Add(EdgeId edge)
    {
        lock (_gate)
        {
            _there.Add(edge);
        }
    }

    public void Remove(EdgeId edge)
    {
        lock (_gate)
        {
            _there.Remove(edge);
        }
    }

    /// <summary>Sends to this edge do not end until what is answered is set, or <see cref="Release"/> is called.</summary>
    public TaskCompletionSource Hold(EdgeId edge)
    {
        lock (_gate)
        {
            return _slow[edge] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Release(EdgeId edge)
    {
        lock (_gate)
        {
            _slow.Remove(edge, out var stuck);
            stuck?.TrySetResult();
        }
    }

    /// <summary>Numbers of the plans that an edge took, in order.</summary>
    public IReadOnlyList<long> NumbersOf(EdgeId edge)
    {
        lock (_gate)
        {
            return [.. _taken.Where(one => one.Edge == edge).Select(one => one.Plan.Number)];
        }
    }
}

namespace Portunus.Edge.Targets;

/// <summary>The probes of one rule's targets. Touched by one caller at a time.</summary>
internal sealed class RuleProbes
{
    private readonly Dictionary<Target, TargetProbe> _probes = [];
    private readonly List<Task> _ending = [];

    /// <summary>
    /// Probes these targets from now on and no others. Where nothing changed about a target its probe goes on undisturbed.
    /// </summary>
    /// <param name="targets">The targets and what stands before the bytes each is sent.</param>
    /// <param name="model">What with; null: not at all.</param>
    /// <param name="room">How many probes of this edge may be under way at once.</param>
    /// <param name="time">The clock of intervals.</param>
    /// <param name="changed">Called when a probe has changed a target's standing. Any thread.</param>
    public void Follow(IReadOnlyList<(Target Target, byte[] Preface)> targets, ProbeModel? model, SemaphoreSlim room, TimeProvider time, Action changed)
    {
        var wanted = model is null ? [] : targets.ToDictionary(one => one.Target, one => one.Preface);
        foreach (var (target, probe) in _probes.ToList())
        {
            if (!wanted.TryGetValue(target, out var preface) || probe.Model != model || !probe.Preface.AsSpan().SequenceEqual(preface))
            {
                End(target, probe);
            }
        }

        foreach (var (target, preface) in wanted)
        {
            if (model is not null && !_probes.ContainsKey(target))
            {
                var probe = new TargetProbe(target, model, preface, room, time, changed);
                _probes.Add(target, probe);
                probe.Start();
            }
        }
    }

    /// <summary>Ends all probes; completes when their sockets are closed.</summary>
    public async Task StopAsync()
    {
        foreach (var (target, probe) in _probes.ToList())
        {
            End(target, probe);
        }

        await Task.WhenAll(_ending);
        _ending.Clear();
    }

    private void End(Target target, TargetProbe probe)
    {
        _probes.Remove(target);
        _ending.RemoveAll(task => task.IsCompleted);
        _ending.Add(probe.DisposeAsync().AsTask());
    }
}

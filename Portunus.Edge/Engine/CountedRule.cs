using Portunus.Edge.Metering;
using Portunus.Edge.Rules;
using Portunus.Shared.Ids;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Engine;

/// <summary>
/// What was counted of a rule since the boot while one account owned it. It outlives the rule: its last counters are told until somebody
/// keeps them for good. Any thread reads; only the reconciler writes.
/// </summary>
internal sealed class CountedRule
{
    private volatile RuleState? _state;
    private volatile bool _isRetired;

    public CountedRule(RuleId rule, AccountId? owner, CounterRecord[] records)
    {
        Rule = rule;
        Owner = owner;
        Records = records;
    }

    public RuleId Rule { get; }

    /// <summary>Whose rule it was when this was counted.</summary>
    public AccountId? Owner { get; }

    /// <summary>By the loop's index.</summary>
    public CounterRecord[] Records { get; }

    /// <summary>The rule has stopped and its last flow has ended, or another owns it: nothing more is counted, unless it comes back.</summary>
    public bool IsRetired
    {
        get => _isRetired;
        set => _isRetired = value;
    }

    /// <summary>The running rule, of which targets and ports are told; null where that has gone to another owner.</summary>
    public RuleState? State
    {
        get => _state;
        set => _state = value;
    }

    /// <summary>As it stands now, for telling whether anything was counted since an earlier look.</summary>
    public CountMark Look()
    {
        var sum = 0L;
        var active = 0L;
        foreach (var record in Records)
        {
            record.AddUp(ref sum, ref active);
        }

        var targets = new HashCode();
        if (_state?.Model.Targets is { } model)
        {
            for (var i = 0; i < model.Count; i++)
            {
                var target = model[i].Target;
                targets.Add(target.Number);
                targets.Add(target.Health.Standing);
                targets.Add(target.Health.TotalFailures);
            }
        }

        return new CountMark(sum, active, targets.ToHashCode());
    }

    /// <summary>Its counters as they travel; the words of what was not seen are left out.</summary>
    /// <param name="withPorts">Those of each port too; ports without traffic are left out.</param>
    public RuleTotals Totals(bool withPorts)
    {
        var format = CounterFormat.Current;
        var state = _state;
        return new RuleTotals
        {
            Rule = Rule,
            Owner = Owner,
            Traffic = new TrafficCount(
                Sum(CounterFormat.BytesIn),
                Sum(CounterFormat.BytesOut),
                Sum(CounterFormat.FlowsOpened),
                Sum(CounterFormat.FlowsActive),
                Sum(CounterFormat.DatagramsIn),
                Sum(CounterFormat.DatagramsOut)),
            Accepted = Sum(CounterFormat.Accepted),
            Ends = Seen(CounterFormat.Ends, format.EndWords),
            DropsIn = Seen(format.DropsIn, format.DropWords),
            DropsOut = Seen(format.DropsOut, format.DropWords),
            Targets = state is null ? null : SampleReader.TargetTotals(state),
            Ports = withPorts && state is not null ? SampleReader.PortTotals(state) : null,
        };
    }

    private long Sum(int number)
    {
        var sum = 0L;
        foreach (var record in Records)
        {
            sum += record.Read(number);
        }

        return sum;
    }

    private Dictionary<string, long>? Seen(int first, IReadOnlyList<string> words)
    {
        Dictionary<string, long>? seen = null;
        for (var i = 0; i < words.Count; i++)
        {
            if (Sum(first + i) is > 0 and var count)
            {
                (seen ??= [])[words[i]] = count;
            }
        }

        return seen;
    }
}

/// <summary>Counters in short: two looks that are equal saw the same.</summary>
/// <param name="Sum">Of all that only grows: it is the same only where each of them is.</param>
/// <param name="Active">Open flows.</param>
/// <param name="Targets">How the targets stand.</param>
internal readonly record struct CountMark(long Sum, long Active, int Targets);

using Microsoft.Extensions.Logging.Abstractions;
using Portunus.Edge.Engine;
using Portunus.Edge.Options;
using Portunus.Edge.Targets;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;

namespace Portunus.Tests.Kit;

/// <summary>A forwarding engine in this process, with the rules a test gives it by name.</summary>
internal sealed class RunningEngine : IAsyncDisposable
{
    private readonly Dictionary<string, PlannedRule> _rules = [];
    private readonly Dictionary<AccountId, LimitSpec> _owners = [];
    private long _revision;
    private string _epoch = "";

    public RunningEngine(int loops = 2, ResolverOptions? resolver = null, TimeProvider? time = null, CountedRules? counted = null)
    {
        Engine = new ForwardingEngine(new EngineOptions { Loops = loops }, NullLoggerFactory.Instance, time, resolver, counted);
        Engine.Start();
    }

    public ForwardingEngine Engine { get; }

    /// <summary>A rule for one free port of loopback.</summary>
    public static RuleSpec Rule(string name, params int[] targetPorts) => new()
    {
        Name = name,
        ListenAddress = "127.0.0.1",
        ListenPort = FreePorts.Take(),
        Targets = [.. targetPorts.Select(port => new TargetSpec { Host = "127.0.0.1", Port = port })],
    };

    /// <summary>Adds or changes one rule and answers what became of it.</summary>
    public async Task<RuleOutcome> PutAsync(RuleSpec spec, FlowOrder? cut = null, FlowOrder? drain = null, AccountId? owner = null, bool localTargets = true)
    {
        var checkedRule = RuleCheck.Check(spec);
        Assert.Empty(checkedRule.Problems);
        var name = spec.Name ?? "";
        _rules[name] = new PlannedRule
        {
            Id = RuleId.FromName(name),
            Revision = ++_revision,
            Rule = checkedRule.Rule,
            CutBefore = cut,
            DrainBefore = drain,
            Owner = owner,
            LocalTargets = localTargets,
        };
        var outcomes = await ApplyAsync();
        return outcomes.Single(outcome => outcome.Rule == RuleId.FromName(name));
    }

    /// <summary>The revision the next <see cref="PutAsync"/> gives its rule.</summary>
    public long NextRevision => _revision + 1;

    /// <summary>One plan in which a rule is gone and another, of any name, is there.</summary>
    public async Task RenameAsync(string old, RuleSpec renamed)
    {
        _rules.Remove(old);
        await PutAsync(renamed);
    }

    /// <summary>Changes two rules in one plan.</summary>
    public async Task<IReadOnlyList<RuleOutcome>> PutBothAsync(RuleSpec first, RuleSpec second)
    {
        foreach (var spec in new[] { first, second })
        {
            _rules[spec.Name ?? ""] = new PlannedRule
            {
                Id = RuleId.FromName(spec.Name ?? ""),
                Revision = ++_revision,
                Rule = RuleCheck.Check(spec).Rule,
            };
        }

        return await ApplyAsync();
    }

    public async Task RemoveAsync(string name)
    {
        _rules.Remove(name);
        await ApplyAsync();
    }

    /// <summary>Leaves the rule in the plan as a tombstone with an order for its flows.</summary>
    public async Task BuryAsync(string name, FlowOrder? cut = null, FlowOrder? drain = null)
    {
        _rules[name] = new PlannedRule { Id = RuleId.FromName(name), Revision = ++_revision, Rule = null, CutBefore = cut, DrainBefore = drain };
        await ApplyAsync();
    }

    /// <summary>The rule's next revision is one that could not be read.</summary>
    public async Task<RuleOutcome> UnreadAsync(string name, FlowOrder? cut = null, FlowOrder? drain = null, DateTimeOffset? until = null)
    {
        var id = RuleId.FromName(name);
        _rules[name] = new PlannedRule
        {
            Id = id,
            Revision = ++_revision,
            Rule = null,
            Unread = "This edge does not know spin.",
            UnreadUntil = until,
            CutBefore = cut,
            DrainBefore = drain,
        };
        return (await ApplyAsync()).Single(outcome => outcome.Rule == id);
    }

    /// <summary>What the engine reports of a rule.</summary>
    public ReportedRule Reported(string name) => Engine.Report().Single(rule => rule.Rule == RuleId.FromName(name));

    /// <summary>Applies the rules as they are, with this revision.</summary>
    public Task<IReadOnlyList<RuleOutcome>> ApplyAtAsync(long revision) => Eventually.Within(
        Engine.ApplyAsync(new EdgePlan(revision, [.. _rules.Values], new Dictionary<AccountId, LimitSpec>(_owners)), CancellationToken.None));

    /// <summary>Changes what the plan will say of a rule, without applying it.</summary>
    public void Plan(RuleSpec spec) => _rules[spec.Name ?? ""] = new PlannedRule
    {
        Id = RuleId.FromName(spec.Name ?? ""),
        Revision = ++_revision,
        Rule = RuleCheck.Check(spec).Rule,
    };

    /// <summary>Takes a rule out of the plan, without applying it.</summary>
    public void Unplan(string name) => _rules.Remove(name);

    public async Task LimitOwnerAsync(AccountId owner, LimitSpec limits)
    {
        _owners[owner] = limits;
        await ApplyAsync();
    }

    public Task<IReadOnlyList<RuleOutcome>> ApplyAsync() => Eventually.Within(
        Engine.ApplyAsync(new EdgePlan(new PlanRevision(_epoch, ++_revision), [.. _rules.Values], new Dictionary<AccountId, LimitSpec>(_owners)), CancellationToken.None));

    /// <summary>The plans from here on are those of a store that was restored: another epoch, and numbers that begin anew.</summary>
    public void Restore(string epoch, long revision = 0)
    {
        _epoch = epoch;
        _revision = revision;
    }

    public RuleSample Sample(string name) => Engine.Read().Rules.Single(rule => rule.Name == name);

    public long Ends(string name, FlowEnd reason) => Sample(name).Ends.GetValueOrDefault(reason);

    public ValueTask DisposeAsync() => Engine.DisposeAsync();
}

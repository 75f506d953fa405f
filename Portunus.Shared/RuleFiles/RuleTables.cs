using Portunus.Shared.Rules;
using Portunus.Shared.Toml;

namespace Portunus.Shared.RuleFiles;

/// <summary>All <c>[[rule]]</c> tables of a file: each by itself, then all of them together.</summary>
internal sealed class RuleTables
{
    private readonly RuleTable _defaults;
    private readonly FileProblemList _problems;
    private readonly HashSet<(string Code, string Field)> _toldOfDefaults = [];
    private readonly List<RuleTable> _tables = [];
    private readonly List<CheckedRule> _claims = [];
    private readonly List<RuleTable> _claimants = [];
    private readonly List<FileRule> _sound = [];

    public RuleTables(RuleTable defaults, FileProblemList problems)
    {
        (_defaults, _problems) = (defaults, problems);
        // By themselves first, so that a wrong default is told even where every rule has its own.
        var alone = RuleCheck.Check(defaults.Spec with { ListenPort = 1, Target = "target.invalid:1" });
        foreach (var problem in alone.Problems)
        {
            TellOfDefault(problem);
        }
    }

    /// <summary>Where the defaults stand and what they are.</summary>
    public RuleTable Defaults => _defaults;

    /// <summary>Every rule of the file that is a table, in its order.</summary>
    public IReadOnlyList<RuleTable> Tables => _tables;

    /// <summary>What listens where, of all rules of which that much is known, whatever else is wrong with them.</summary>
    public IReadOnlyList<CheckedRule> Claims => _claims;

    /// <summary>The tables of <see cref="Claims"/>.</summary>
    public IReadOnlyList<RuleTable> Claimants => _claimants;

    /// <summary>The rules without a problem of their own, in the order of the file.</summary>
    public IReadOnlyList<FileRule> Sound => _sound;

    /// <summary>Reads and checks each rule.</summary>
    public void Read(FileTable top)
    {
        var tables = top.RawTables("rule", RuleFileKeys.Rule);
        if (tables is not { Count: > 0 })
        {
            if (top.Places.IsWhole && !top.Places.IsLost("rule"))
            {
                _problems.Add("no_rules", "rule", "The file has no rules: it needs at least one [[rule]].", top.Places.Find("rule").Place);
            }

            return;
        }

        if (tables.Count > RuleFileReader.MaxRules)
        {
            _problems.Add("too_many_rules", "rule", $"A file may have at most {RuleFileReader.MaxRules} rules; this has {tables.Count}.",
                tables[RuleFileReader.MaxRules]?.Place ?? top.Places.Find("rule").Place);
        }

        for (var i = 0; i < Math.Min(tables.Count, RuleFileReader.MaxRules); i++)
        {
            if (tables[i] is { } toml)
            {
                ReadOne(toml, i, top.Places.IsWhole);
            }
        }
    }

    /// <summary>Names that are given twice, and ports that are wanted twice.</summary>
    public void CheckTogether()
    {
        var names = new Dictionary<string, RuleTable>();
        foreach (var table in _tables)
        {
            if (table.Spec.Name is { } name && !names.TryAdd(name, table))
            {
                var (path, place) = table.Places.Find("name");
                _problems.Add("name_duplicate", path, $"The rule on line {names[name].Places.Place.Line} is already named \"{name}\".", place);
            }
        }

        foreach (var collision in PortClaims.FindCollisions(_claims))
        {
            var (path, place) = _claimants[collision.Second].Places.Find(collision.Problem.Field);
            _problems.Add(collision.Problem.Code, path, collision.Problem.Text, place);
        }
    }

    private void ReadOne(TomlTable toml, int index, bool isFileWhole)
    {
        var table = RuleTable.Read(toml, $"rule[{index}]", _defaults.Spec, _problems);
        table.Places.IsWhole &= isFileWhole;
        _tables.Add(table);
        var result = RuleCheck.Check(table.Spec);
        var isProtocolKnown = IsProtocolKnown(table);
        var all = table.Spec.Name is null ? [new RuleProblem("name_missing", "name", "A rule of a file needs a name."), .. result.Problems] : result.Problems;
        foreach (var problem in all.Where(problem => !Consequences.Includes(problem, table.Places, isProtocolKnown)))
        {
            Tell(problem, table);
        }

        var claim = result.Rule ?? Claim(table.Spec, index);
        if (claim is null || !isProtocolKnown)
        {
            return;
        }

        _claims.Add(claim);
        _claimants.Add(table);
        foreach (var problem in ServedFeatures.Check(claim))
        {
            Tell(problem, table);
        }

        if (result.Rule is { } rule)
        {
            _sound.Add(new FileRule(table.Spec, rule, table.Places.Place.Line));
        }
    }

    private void Tell(RuleProblem problem, RuleTable table)
    {
        var places = table.Places;
        if (!places.Has(problem.Field) && _defaults.Places.Has(problem.Field))
        {
            TellOfDefault(problem);
            return;
        }

        var (path, place) = places.Find(problem.Field);
        _problems.Add(problem.Code, path, places.Reword(problem), place);
    }

    /// <summary>Once, however many rules take the default.</summary>
    private void TellOfDefault(RuleProblem problem)
    {
        if (_toldOfDefaults.Add((problem.Code, problem.Field)))
        {
            var (path, place) = _defaults.Places.Find(problem.Field);
            _problems.Add(problem.Code, path, _defaults.Places.Reword(problem), place);
        }
    }

    private bool IsProtocolKnown(RuleTable table) => !table.Places.IsLost("protocol")
        && (table.Places.Has("protocol") || !_defaults.Places.IsLost("protocol"))
        && (table.Spec.Protocol is null || Enum.GetNames<TransportProtocol>().Contains(table.Spec.Protocol, StringComparer.OrdinalIgnoreCase));

    /// <summary>As much of a faulty rule as says what it listens on and needs; null where that is faulty too.</summary>
    private static CheckedRule? Claim(RuleSpec spec, int index)
    {
        var asked = new RuleSpec
        {
            Protocol = spec.Protocol,
            ListenAddress = spec.ListenAddress,
            ListenPort = spec.ListenPort,
            ListenPorts = spec.ListenPorts,
            Targets = [new TargetSpec { Host = "target.invalid", Port = 1 }],
            Sni = spec.Sni,
            SniFallback = spec.SniFallback,
            Enabled = spec.Enabled,
        };
        var named = RuleCheck.Check(asked with { Name = spec.Name ?? "" }).Rule;
        return (named ?? RuleCheck.Check(asked).Rule) is { } claim
            ? claim with
            {
                Name = named is null ? $"rule[{index}]" : claim.Name,
                HealthCheck = spec.HealthCheck,
                AcceptProxyProtocol = spec.AcceptProxyProtocol == true,
            }
            : null;
    }
}

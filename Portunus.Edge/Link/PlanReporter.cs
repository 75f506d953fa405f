using System.Threading.Channels;
using Portunus.Edge.Engine;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;

namespace Portunus.Edge.Link;

/// <summary>
/// Tells the control plane where the rules of the plan in force stand: all of them for each plan and each connection, afterwards
/// those that stand otherwise than they were told.
/// </summary>
internal sealed class PlanReporter(ForwardingEngine engine)
{
    /// <summary>A part is cut before it may have more bytes than this; the hub takes 256 KiB.</summary>
    public const int MaxPartBytes = 200 * 1024;

    /// <summary>A sentence for people may be as long as what it quotes; longer ones are cut.</summary>
    public const int MaxText = 500;

    /// <summary>Everything about a rule but its sentence takes fewer bytes than this.</summary>
    private const int RuleBytes = 400;

    /// <summary>A character takes at most this many, spelled as an escape.</summary>
    private const int CharacterBytes = 6;

    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>What is to be told of the plan as a whole; null for nothing.</summary>
    public Func<string?>? Note { get; set; }

    /// <summary>Something may have changed. Any thread; returns at once.</summary>
    public void Wake() => _wakes.Writer.TryWrite(true);

    /// <summary>For the life of a connection. What <paramref name="send"/> throws comes out.</summary>
    public async Task RunAsync(Func<PlanReport, Task> send, CancellationToken cancel)
    {
        var told = new Dictionary<RuleId, ReportedRule>();
        PlanRevision? toldOf = null;
        string? toldNote = null;
        while (true)
        {
            if (Read() is var (revision, rules))
            {
                var news = rules.Where(rule => !told.TryGetValue(rule.Rule, out var before) || rule != before).ToList();
                // What changed goes first: somebody waits for it, and a large plan goes in many parts.
                if (revision != toldOf)
                {
                    news.AddRange(rules.Except<ReportedRule>(news, ReferenceEqualityComparer.Instance).ToList());
                }

                var note = Note?.Invoke() is var text && text?.Length > MaxText ? text[..MaxText] : text;
                if (news.Count > 0 || revision != toldOf || note != toldNote)
                {
                    foreach (var part in Cut(revision, news))
                    {
                        cancel.ThrowIfCancellationRequested();
                        await send(part.IsLast ? part with { Note = note } : part);
                    }

                    (toldOf, toldNote) = (revision, note);
                    told = rules.ToDictionary(rule => rule.Rule);
                }
            }

            await _wakes.Reader.ReadAsync(cancel);
        }
    }

    /// <summary>The report in parts. Only the last says that it is the last.</summary>
    internal static IEnumerable<PlanReport> Cut(PlanRevision revision, IReadOnlyList<ReportedRule> rules)
    {
        var part = new List<ReportedRule>();
        var bytes = RuleBytes;
        foreach (var rule in rules)
        {
            var told = rule.Text is { Length: > MaxText } text ? rule with { Text = text[..MaxText] } : rule;
            var more = RuleBytes + (CharacterBytes * (told.Text?.Length ?? 0));
            if (bytes + more > MaxPartBytes)
            {
                yield return new PlanReport(revision.Epoch, revision.Number, part, IsLast: false);
                part = [];
                bytes = RuleBytes;
            }

            part.Add(told);
            bytes += more;
        }

        yield return new PlanReport(revision.Epoch, revision.Number, part, IsLast: true);
    }

    /// <summary>The revision and the standings that belong to it; null before the first plan.</summary>
    private (PlanRevision Revision, IReadOnlyList<ReportedRule> Rules)? Read()
    {
        while (engine.Applied is { } revision)
        {
            var rules = engine.Report();
            if (engine.Applied == revision)
            {
                return (revision, rules);
            }
        }

        return null;
    }
}

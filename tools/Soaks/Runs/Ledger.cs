using Portunus.Soaks.Edges;
using Portunus.Soaks.Streams;
using Portunus.Soaks.Verdicts;

namespace Portunus.Soaks.Runs;

/// <summary>What the edge counted beside what this side saw.</summary>
internal static class Ledger
{
    /// <summary>Every flow ended in an orderly way and every byte that arrived was counted once.</summary>
    public static void Expect(EdgeLook look, IEnumerable<SoakRule> rules, StreamBook book, Findings findings)
    {
        foreach (var rule in rules)
        {
            var (seen, sums) = (look.Rules[rule.Name], book.Of(rule.Name));
            findings.Expect(
                seen.Accepted == sums.Connected && seen.Ends.GetValueOrDefault("completed") == sums.Connected,
                $"{rule.Name}: {sums.Connected} flows were begun and finished; the edge took {seen.Accepted}, ends: {seen.EndsText}");
            findings.Expect(
                seen.BytesIn == sums.BytesIn && seen.BytesOut == sums.BytesOut,
                $"{rule.Name}: {sums.BytesIn} bytes arrived in and {sums.BytesOut} out; the edge counts {seen.BytesIn} and {seen.BytesOut}");
        }
    }

    /// <summary>Each flow that was taken is open or has ended, for one reason.</summary>
    public static void ExpectSum(EdgeLook look, Findings findings)
    {
        foreach (var (name, rule) in look.Rules)
        {
            findings.Expect(
                rule.Ended + rule.Active == rule.Accepted,
                $"{name}: {rule.Accepted} taken, {rule.Active} open, {rule.Ended} ended ({rule.EndsText})");
        }
    }
}

using System.Buffers;
using System.Text.Json;
using Portunus.Shared.Link;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Link;

/// <summary>Cuts one look at the counters into batches that the hub takes: it closes a connection that sends more than 256 KiB at once.</summary>
internal sealed class BatchCutter
{
    /// <summary>The most serialised bytes of a batch; one rule alone, with 1,024 busy ports, may be up to 250 KB.</summary>
    public const int MostBytes = 200 * 1024;

    // Boot, sequence, time, and vitals of 256 loops.
    private const int EnvelopeBytes = 16 * 1024;

    private readonly ArrayBufferWriter<byte> _measured = new();

    /// <summary>The whole look in order; at least one batch. Vitals travel in the first, and the last says so.</summary>
    /// <param name="look">All of it, of any size.</param>
    public IReadOnlyList<SampleBatch> Cut(SampleBatch look)
    {
        var batches = new List<SampleBatch>();
        var rules = new List<RuleTotals>();
        var bytes = EnvelopeBytes;
        using var writer = new Utf8JsonWriter(_measured);
        foreach (var rule in look.Rules)
        {
            _measured.ResetWrittenCount();
            writer.Reset();
            JsonSerializer.Serialize(writer, rule, LinkJson.Default.RuleTotals);
            writer.Flush();
            if (bytes + _measured.WrittenCount + 1 > MostBytes && rules.Count > 0)
            {
                batches.Add(Part(look, rules, batches.Count, isLast: false));
                rules = [];
                bytes = EnvelopeBytes;
            }

            rules.Add(rule);
            bytes += _measured.WrittenCount + 1;
        }

        batches.Add(Part(look, rules, batches.Count, isLast: true));
        return batches;
    }

    private static SampleBatch Part(SampleBatch look, List<RuleTotals> rules, int index, bool isLast) =>
        look with { Rules = rules, IsLast = isLast, Vitals = index == 0 ? look.Vitals : null };
}

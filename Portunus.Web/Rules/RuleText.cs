using System.Text.Json;
using Portunus.Shared.Ids;
using Portunus.Shared.Json;
using Portunus.Shared.RuleJson;
using Portunus.Shared.Rules;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Rules;

/// <summary>What a caller wrote about a rule → what is asked for. Shape only; whether it may be so is for the writer to judge.</summary>
internal static class RuleText
{
    /// <summary>Fields that a request has beside those of a rule file.</summary>
    private static readonly string[] s_known = ["edge", "owner", .. RuleJsonFields.Rule];

    /// <summary>Two fields for one thing: whoever patches one of them means it instead of the other.</summary>
    private static readonly (string One, string Other)[] s_alternatives = [("listen_port", "listen_ports"), ("target", "targets")];

    /// <summary>Reads a whole rule.</summary>
    public static Outcome<RuleAsked> Read(JsonElement value)
    {
        var problems = new FieldProblems();
        var asked = Fields(value, problems, isPatch: false, out var edge);
        return problems.Any ? Told(asked?.Spec, problems) : new RuleAsked(edge, asked!.Owner, asked.Spec);
    }

    /// <summary>Lays a merge patch (RFC 7396) over a rule.</summary>
    public static Outcome<RuleAsked> Patch(RuleAsked current, JsonElement patch)
    {
        var problems = new FieldProblems();
        // As it was sent: merging would hide what is unknown and null, or given twice.
        if (Fields(patch, problems, isPatch: true, out _) is null || problems.Any)
        {
            return Told(null, problems);
        }

        using var original = JsonDocument.Parse(Written(current, patch));
        using var merged = JsonDocument.Parse(MergePatch.Apply(original.RootElement, patch));
        var asked = Fields(merged.RootElement, problems, isPatch: false, out var edge);
        return problems.Any ? Told(asked?.Spec, problems) : new RuleAsked(edge, asked!.Owner, asked.Spec);
    }

    private static RuleAsked? Fields(JsonElement value, FieldProblems problems, bool isPatch, out EdgeId edge)
    {
        edge = default;
        var fields = new JsonFields(value, s_known, problems);
        if (!fields.IsObject)
        {
            return null;
        }

        AccountId? owner = null;
        if (fields.Text("owner") is { } ownerText)
        {
            if (AccountId.TryParse(ownerText, out var named))
            {
                owner = named;
            }
            else
            {
                problems.AddLost("owner_malformed", "owner", "owner must be the id of an account.");
            }
        }

        if (fields.Text("edge") is { } edgeText)
        {
            if (!EdgeId.TryParse(edgeText, out edge))
            {
                problems.AddLost("edge_malformed", "edge", "edge must be the id of an edge.");
            }
        }
        else if (!isPatch && !problems.IsLost("edge"))
        {
            problems.AddLost("edge_missing", "edge", "A rule needs the id of its edge.");
        }

        return new RuleAsked(edge, owner, RuleJsonReader.ReadSpec(fields));
    }

    private static ReadOnlyMemory<byte> Written(RuleAsked current, JsonElement patch)
    {
        var spec = current.Spec;
        foreach (var (one, other) in s_alternatives)
        {
            spec = Says(patch, one) && !patch.TryGetProperty(other, out _) ? Without(spec, other) : spec;
            spec = Says(patch, other) && !patch.TryGetProperty(one, out _) ? Without(spec, one) : spec;
        }

        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(bytes);
        writer.WriteStartObject();
        writer.WriteString("edge", current.Edge.ToString());
        if (current.Owner is { } owner)
        {
            writer.WriteString("owner", owner.ToString());
        }

        RuleJsonWriter.WriteFields(writer, spec);
        writer.WriteEndObject();
        writer.Flush();
        return bytes.WrittenMemory;
    }

    private static bool Says(JsonElement patch, string field) => patch.TryGetProperty(field, out var value) && value.ValueKind != JsonValueKind.Null;

    private static RuleSpec Without(RuleSpec spec, string field) => field switch
    {
        "listen_port" => spec with { ListenPort = null },
        "listen_ports" => spec with { ListenPorts = null },
        "target" => spec with { Target = null },
        _ => spec with { Targets = null },
    };

    /// <summary>What could not be read, and whatever else can be told of the rest without asking the store.</summary>
    private static List<Problem> Told(RuleSpec? spec, FieldProblems problems)
    {
        var all = spec is null ? problems.All : RuleJsonReader.Check(spec, problems).Problems;
        return [.. all.Select(problem => new Problem(problem.Code, problem.Field, problem.Text, KindOf(problem.Code)))];
    }

    private static ProblemKind KindOf(string code) => code is "wrong_type" or "unknown_field" or "duplicate_field" or JsonText.Malformed
        ? ProblemKind.Malformed
        : ProblemKind.Invalid;
}

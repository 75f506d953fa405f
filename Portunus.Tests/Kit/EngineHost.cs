using System.Text.Json;
using Portunus.Edge.Native;
using Portunus.Shared.Plans;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;

namespace Portunus.Tests.Kit;

/// <summary>What the host answers to each line.</summary>
internal sealed record HostReply
{
    public string Standing { get; init; } = "";

    public string Refusal { get; init; } = "";

    public int Port { get; init; }

    public string Text { get; init; } = "";

    public long Accepted { get; init; }

    public long Active { get; init; }

    public long BytesIn { get; init; }

    public long BytesOut { get; init; }

    public long AcceptErrors { get; init; }

    public long Descriptors { get; init; }

    public long Allocated { get; init; }

    public long DatagramsIn { get; init; }

    public long DatagramsOut { get; init; }

    public Dictionary<string, long> DropsIn { get; init; } = [];

    public Dictionary<string, long> DropsOut { get; init; } = [];

    public Dictionary<string, long> Ends { get; init; } = [];
}

/// <summary>
/// Entry point of this assembly: an engine in a process of its own, for what belongs to a process (descriptors, pipe pages,
/// capabilities, a port taken by another). Reads one command a line, "put" and a rule as JSON, "fence" for one that may not reach the edge itself, "look" and a rule's name,
/// "hog pipes", "held bytes" or "allocated bytes", and answers one line of JSON; ends when its input does.
/// </summary>
internal static class EngineHost
{
    public const string Verb = "engine-host";

    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is not [Verb, var loops])
        {
            await Console.Error.WriteLineAsync("These are tests: run them with tools/test.");
            return 2;
        }

        await using var engine = new RunningEngine(int.Parse(loops, System.Globalization.CultureInfo.InvariantCulture));
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var reply = line.Split(' ', 2) switch
            {
                ["put", var json] => await PutAsync(engine, json, localTargets: true),
                ["fence", var json] => await PutAsync(engine, json, localTargets: false),
                ["look", var name] => Look(engine, name),
                ["hog", _] => HogPipes(),
                ["held", _] => new HostReply { Allocated = GC.GetTotalMemory(forceFullCollection: true) },
                ["allocated", _] => new HostReply { Allocated = GC.GetTotalAllocatedBytes(precise: true) },
                _ => new HostReply { Text = $"unknown command: {line}" },
            };
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(reply));
        }

        return 0;
    }

    private static async Task<HostReply> PutAsync(RunningEngine engine, string json, bool localTargets)
    {
        var spec = JsonSerializer.Deserialize<RuleSpec>(json) ?? throw new InvalidOperationException("no rule in the line");
        return Reply(await engine.PutAsync(spec, localTargets: localTargets));
    }

    /// <summary>Takes all the pipe memory that this user may have, for as long as the process lives; answers what a new pipe holds then.</summary>
    private static HostReply HogPipes()
    {
        while (true)
        {
            if (!PipeCalls.Open(out _, out var writeEnd).IsOk)
            {
                return new HostReply { Text = "out of descriptors" };
            }

            PipeCalls.Resize(writeEnd, 1024 * 1024);
            var size = PipeCalls.SizeOf(writeEnd).Value;
            if (size < 64 * 1024)
            {
                return new HostReply { Text = size.ToString(System.Globalization.CultureInfo.InvariantCulture) };
            }
        }
    }

    private static HostReply Look(RunningEngine engine, string name)
    {
        var sample = engine.Engine.Read();
        var rule = sample.Rules.FirstOrDefault(rule => rule.Name == name);
        return rule is null
            ? new HostReply { AcceptErrors = sample.Vitals.AcceptErrors, Descriptors = sample.Vitals.OpenDescriptors }
            : Reply(rule.Outcome) with
            {
                Accepted = rule.Accepted,
                Active = rule.Traffic.FlowsActive,
                BytesIn = rule.Traffic.BytesIn,
                BytesOut = rule.Traffic.BytesOut,
                AcceptErrors = sample.Vitals.AcceptErrors,
                Descriptors = sample.Vitals.OpenDescriptors,
                DatagramsIn = rule.Traffic.DatagramsIn,
                DatagramsOut = rule.Traffic.DatagramsOut,
                DropsIn = rule.DropsIn.ToDictionary(pair => pair.Key.ToString(), pair => pair.Value),
                DropsOut = rule.DropsOut.ToDictionary(pair => pair.Key.ToString(), pair => pair.Value),
                Ends = rule.Ends.ToDictionary(pair => pair.Key.ToString(), pair => pair.Value),
            };
    }

    private static HostReply Reply(RuleOutcome outcome) => new()
    {
        Standing = outcome.Standing.ToString(),
        Refusal = outcome.Refusal.ToString(),
        Port = outcome.Port,
        Text = outcome.Text,
    };
}

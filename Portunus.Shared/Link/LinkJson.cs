using System.Text.Json;
using System.Text.Json.Serialization;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Shared.Samples;

namespace Portunus.Shared.Link;

/// <summary>How the messages of the link, and the plan on an edge's disk, are spelled: snake_case, what is absent left out, what is not known left alone.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EdgeHello))]
[JsonSerializable(typeof(EdgeWelcome))]
[JsonSerializable(typeof(PlanMessage))]
[JsonSerializable(typeof(PlanReport))]
[JsonSerializable(typeof(SampleBatch))]
[JsonSerializable(typeof(SampleMark))]
[JsonSerializable(typeof(EnrollRequest))]
[JsonSerializable(typeof(EnrollReply))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(IReadOnlyList<RuleId>))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(JsonElement))]
public sealed partial class LinkJson : JsonSerializerContext;

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Portunus.Edge.Link;

/// <summary>How the credentials stand in their file.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, ReadCommentHandling = JsonCommentHandling.Skip)]
[JsonSerializable(typeof(EdgeCredentials))]
internal sealed partial class CredentialsJson : JsonSerializerContext;

using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Portunus.Shared.Link;

namespace Portunus.Web.Link;

/// <summary>
/// The hub's JSON with the spelling of the link. A message for a method that is known here and cannot be read is garbage and ends the
/// link; one for a method that is not known may come from a newer edge, which is told so and goes on.
/// </summary>
internal sealed class LinkProtocol : IHubProtocol
{
    private readonly JsonHubProtocol _json = new(Microsoft.Extensions.Options.Options.Create(new JsonHubProtocolOptions { PayloadSerializerOptions = Spelling() }));

    private readonly ConditionalWeakTable<IInvocationBinder, object> _begun = [];

    public string Name => _json.Name;

    public int Version => _json.Version;

    public TransferFormat TransferFormat => _json.TransferFormat;

    public bool TryParseMessage(ref ReadOnlySequence<byte> input, IInvocationBinder binder, [NotNullWhen(true)] out HubMessage? message)
    {
        if (_begun.TryAdd(binder, this))
        {
            // The hub watches for silence from the first ping on, for the sake of old peers; one that goes silent before would never end.
            message = PingMessage.Instance;
            return true;
        }

        if (!_json.TryParseMessage(ref input, binder, out message))
        {
            return false;
        }

        if (message is InvocationBindingFailureMessage failure
            && (failure.Target is nameof(IEdgeHub.Hello) or nameof(IEdgeHub.ReportPlan) or nameof(IEdgeHub.ReportSamples) or nameof(IEdgeHub.PinsKept)))
        {
            throw new InvalidDataException($"{failure.Target} cannot be read.", failure.BindingFailure.SourceException);
        }

        return true;
    }

    public void WriteMessage(HubMessage message, IBufferWriter<byte> output) => _json.WriteMessage(message, output);

    public ReadOnlyMemory<byte> GetMessageBytes(HubMessage message) => _json.GetMessageBytes(message);

    public bool IsVersionSupported(int version) => _json.IsVersionSupported(version);

    /// <summary>Lists are sent as whatever type they happen to have, which the generated part does not know each of.</summary>
    private static JsonSerializerOptions Spelling() => new(LinkJson.Default.Options)
    {
        TypeInfoResolver = JsonTypeInfoResolver.Combine(LinkJson.Default, new DefaultJsonTypeInfoResolver()),
        MaxDepth = 32,
    };
}

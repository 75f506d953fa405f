using Portunus.Shared.Link;
using Portunus.Web.Edges;

namespace Portunus.Tests.Kit;

/// <summary>A link that nobody serves, with a pin and a port.</summary>
internal sealed class SampleLinkEnd : ILinkEnd
{
    public IReadOnlyList<ServerPin> Pins { get; } = [ServerPin.Of([1, 2, 3])];

    public int Port => 7443;
}

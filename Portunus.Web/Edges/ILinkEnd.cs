using Portunus.Shared.Link;

namespace Portunus.Web.Edges;

/// <summary>What an enrolment line says of the listener that edges connect to. Upward: the link is served by a room above.</summary>
internal interface ILinkEnd
{
    /// <summary>Valid pins, the one in use first.</summary>
    IReadOnlyList<ServerPin> Pins { get; }

    /// <summary>Where it listens, port 0 resolved as soon as it does.</summary>
    int Port { get; }
}

using System.Net;

namespace Portunus.Shared.Rules;

/// <summary>One target of a <see cref="CheckedRule"/>.</summary>
/// <param name="Host">Lower case, without brackets or trailing dot.</param>
/// <param name="Literal">The address where <paramref name="Host"/> is one, else null: it must be resolved.</param>
/// <param name="FirstPort">The port, or for a range rule the port that belongs to the first listening port.</param>
/// <param name="Priority">Lower is preferred.</param>
/// <param name="Weight">Share among targets of one priority.</param>
/// <param name="ProxyHeader">Header sent ahead of the payload.</param>
public sealed record CheckedTarget(string Host, IPAddress? Literal, int FirstPort, int Priority, int Weight, ProxyHeaderVersion ProxyHeader);

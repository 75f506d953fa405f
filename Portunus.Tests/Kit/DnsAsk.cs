using System.Net;

namespace Portunus.Tests.Kit;

/// <summary>A query that a <see cref="DnsServer"/> received.</summary>
internal sealed record DnsAsk(ushort Id, string Name, ushort Type, bool IsTcp, IPEndPoint From);
